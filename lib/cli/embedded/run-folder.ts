import path from 'node:path';
import { createApiClient } from '../../client/api-client';
import type { ExitCode } from '../exit-codes';
import { type RunOptions, runSuite } from '../run/run-suite';
import { validSuite, withSuiteFolder } from '../suite-folder';
import type { CommandContext } from '../terminal';
import { type EmbeddedServer, startEmbeddedServer } from './embedded-server';

/** Ids of suites are DNS labels: what has a slash, or is made of dots, is a folder. */
export function isFolder(given: string): boolean {
  return given === '.' || given === '..' || /[\\/]/.test(given);
}

/**
 * `gantry run .`: runs the suite in a folder without a server, on a control plane that is there for this run alone. The
 * folders beside it are suites that it may depend on.
 */
export async function runFolder(
  context: CommandContext,
  root: string,
  given: string,
  options: RunOptions,
): Promise<ExitCode> {
  const refused = options.detach ? '--detach' : options.keep !== undefined ? '--keep' : null;
  if (refused)
    throw new Error(
      `${refused} needs a control plane that goes on; the one of ${given} ends with the run. Start one (gantry up) and run the suite by its id.`,
    );
  const folder = path.resolve(given);
  const id = await withSuiteFolder(folder, async ({ read }) => validSuite(await read()).id);
  const server = await startInterruptibly(context, root, folder);
  const api = createApiClient(server);
  try {
    const sourceFolder = options.sourceFolder ?? path.relative(process.cwd(), folder);
    return await runSuite(context, api, id, { ...options, sourceFolder, isEmbedded: true });
  } finally {
    // A run that was left has made things that nobody would look for.
    const body = { scope: 'all', force: true } as const;
    await api.post('/api/v1/sandboxes/reap-all', { body }).catch(() => undefined);
    await server.stop();
  }
}

async function startInterruptibly(
  { terminal }: CommandContext,
  root: string,
  folder: string,
): Promise<EmbeddedServer> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    terminal.note('Starting a control plane for this run.');
    const others = terminal.env.GANTRY_SUITES?.split(path.delimiter).filter((each) => each !== '') ?? [];
    const suiteRoots = [...new Set([path.dirname(folder), ...others.map((each) => path.resolve(each))])];
    return await startEmbeddedServer({ root, suiteRoots, env: terminal.env, signal: interrupted.signal });
  } finally {
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
}
