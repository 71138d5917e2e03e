import path from 'node:path';
import type { Route } from './http/route';
import { getServer, type Server } from './server';

declare global {
  /** True when `lib/cli/serve.mjs` runs Next in this process, and so starts and ends the server itself. */
  var gantryLauncher: boolean | undefined;
}

/**
 * Starts the server of this process when Next boots, and ends it with the process. `directRoutes` are those that
 * `npm start` answers without Next, by `operationId`.
 */
export async function boot(directRoutes: Readonly<Record<string, Route>>): Promise<void> {
  const starting = getServer();
  if (globalThis.gantryLauncher) {
    // A throw here would leave Next answering 500 to everything; the launcher ends the process instead.
    const server = await starting.catch(() => null);
    server?.directRoutes.register(directRoutes);
    return;
  }
  try {
    serveUnderNext(await starting);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

/** What the launcher does, for `next start`, `next dev` and the standalone server. */
function serveUnderNext(server: Server): void {
  if (server.newAdminToken) {
    const file = path.join(server.config.dataFolder, 'admin-token');
    console.log(`First start: an admin token was made and is kept in ${file}`);
  }
  const end = async () => {
    // Streams first: Next waits for every connection before it ends the process itself.
    await server.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      end().catch((error: unknown) => {
        console.error(error);
        process.exit(1);
      });
    });
  }
}
