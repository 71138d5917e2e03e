import type { Backend, BackendRegistry } from '../../backends/backend';
import type { Clock } from '../../clock';
import type { ExecProgress, Inventory } from '../../model/environment';
import { AppError } from '../../model/errors';
import type { Logger } from '../../model/logger';

const longestExecMs = 10 * 60_000;
const mostOutput = 2 * 1024 * 1024;

export interface EnvironmentConsole {
  /**
   * Runs a command in a container. Ended when the signal does, after ten minutes, or when it has printed 2 MB.
   * Rejects with `not_found`, `conflict` when the container does not run, `backend_failed` when its backend has no
   * such thing.
   */
  exec(
    id: string,
    request: { resource: string; command: string; by: string },
    say: (progress: ExecProgress) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** The last lines of a container, as its backend keeps them. Rejects as `exec` does. */
  lastLines(id: string, resource: string, lines: number): Promise<string>;
}

/** Looks into what is there. */
export function createConsole(
  { clock, backends, logger }: { clock: Clock; backends: BackendRegistry; logger: Logger },
  take: () => Promise<Inventory>,
): EnvironmentConsole {
  async function backendOf(id: string): Promise<Backend> {
    const environment = (await take()).environments.find((each) => each.id === id);
    const backend = environment ? await backends.get(environment.backend.id) : null;
    if (!backend) throw new AppError('not_found', `There is no environment ${id}.`);
    return backend;
  }

  return {
    async exec(id, { resource, command, by }, say, signal) {
      const backend = await backendOf(id);
      if (!backend.exec) throw unsupported(backend, 'commands cannot be run in them');
      logger.info({ audit: 'exec', execution: id, resource, command, by }, 'a command is run in a container');
      const over = new AbortController();
      const done = new AbortController();
      void clock.sleep(longestExecMs, done.signal).then(() => over.abort());
      let printed = 0;
      try {
        const { exitCode } = await backend.exec(
          id,
          resource,
          command,
          ({ stream, text }) => {
            if (printed > mostOutput) return;
            printed += text.length;
            say({ type: 'output', stream, text });
            if (printed <= mostOutput) return;
            say({ type: 'cut' });
            over.abort();
          },
          AbortSignal.any([signal, over.signal]),
        );
        say({ type: 'exit', exitCode });
      } finally {
        done.abort();
      }
    },
    async lastLines(id, resource, lines) {
      const backend = await backendOf(id);
      if (!backend.readLastLines) throw unsupported(backend, 'their logs cannot be read');
      return backend.readLastLines(id, resource, lines);
    },
  };
}

function unsupported({ id, kind }: Backend, what: string): AppError {
  return new AppError('backend_failed', `Environments on ${id} are of the kind ${kind}: ${what}.`);
}
