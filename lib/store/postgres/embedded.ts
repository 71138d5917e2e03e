import { mkdir, realpath } from 'node:fs/promises';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import { findBinaries } from './server/binaries';
import { type DataFolder, makeCluster, openDataFolder, superuser } from './server/data-folder';
import { freePort } from './server/free-port';
import { lockFolder } from './server/owner-lock';
import { chooseUser } from './server/run-as';
import { type ServerProcess, startServer } from './server/server-process';
import { stopLeftover } from './server/stop-server';

const startTries = 5;
const firstPauseMs = 200;
const maxPauseMs = 10_000;

/**
 * Starts the PostgreSQL that comes with Gantry on a folder: on loopback, with a password, durable. One process
 * owns the folder; a second one is refused with a message that names the first. What a killed one has left is
 * stopped first. A server that ends by itself is started again on the same port. `stop` ends sessions at once.
 */
export async function startEmbeddedPostgres(
  dependencies: { clock: Clock; logger: Logger },
  askedFolder: string,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { logger } = dependencies;
  await mkdir(askedFolder, { recursive: true });
  const folder = await realpath(askedFolder);
  const lock = await lockFolder(dependencies, folder);
  try {
    const user = await chooseUser();
    const native = await findBinaries(user);
    const place = await openDataFolder({ logger }, folder, user);
    const leftover = await stopLeftover(dependencies, place);
    if (leftover) logger.warn({ pid: leftover }, 'stopped the PostgreSQL that a killed Gantry had left');
    await makeCluster(place, native);
    const { port, server } = await startOnFreePort(dependencies, place, native);
    const keeper = keepRunning(dependencies, place, native, port, server);
    return {
      url: `postgres://${superuser}:${place.password}@127.0.0.1:${port}/postgres`,
      async stop() {
        await keeper.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Somebody may take the port first, and a killed server's children may need a moment to go. */
async function startOnFreePort(
  dependencies: { clock: Clock },
  place: DataFolder,
  native: string,
): Promise<{ port: number; server: ServerProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { port, server: await startServer(dependencies, place, native, port) };
    } catch (error) {
      if (attempt === startTries) throw error;
      await dependencies.clock.sleep(firstPauseMs * attempt);
    }
  }
}

function keepRunning(
  { clock, logger }: { clock: Clock; logger: Logger },
  place: DataFolder,
  native: string,
  port: number,
  first: ServerProcess,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let server = first;

  async function watch(): Promise<void> {
    for (;;) {
      const reason = await server.ended;
      if (stopping.signal.aborted) return;
      logger.error({ reason }, 'PostgreSQL has ended by itself; starting it again');
      if (!(await startAgain())) return;
    }
  }

  async function startAgain(): Promise<boolean> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      await clock.sleep(pauseMs, stopping.signal);
      if (stopping.signal.aborted) return false;
      try {
        server = await startServer({ clock }, place, native, port);
        logger.info({ pid: server.pid }, 'PostgreSQL runs again');
        return true;
      } catch (error) {
        logger.error({ reason: messageOf(error) }, 'PostgreSQL could not be started again; trying once more');
      }
    }
  }

  const watching = watch();
  return {
    async stop() {
      stopping.abort();
      await server.stop();
      await watching;
      // It may just have been started again.
      await server.stop();
    },
  };
}
