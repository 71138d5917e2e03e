import Docker from 'dockerode';
import type { Clock } from '../../clock';
import { AppError, type ErrorCode, messageOf } from '../../model/errors';

/** Calls to the Docker daemon: each with its own deadline, each failure in plain words. */
export interface Daemon {
  /**
   * Runs one call. Rejects with AppError `backend_unavailable` when the daemon cannot be reached or is silent for
   * `limitMs`, and with a DaemonRefusal when it says no.
   */
  call<T>(
    what: string,
    limitMs: number,
    run: (docker: Docker, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
}

/** The daemon answered with an HTTP error. */
export class DaemonRefusal extends AppError {
  constructor(
    readonly status: number,
    /** The daemon's own words. */
    readonly said: string,
    what: string,
    cause: unknown,
  ) {
    super('backend_failed', `Docker could not ${what}: ${said}`, { cause });
  }
}

/** The daemon has not answered in time: it is there, or nobody has said that it is not. */
export class DaemonSilence extends AppError {
  constructor(what: string, limitMs: number) {
    const limit = `${Math.round(limitMs / 1000)} s`;
    super(
      'backend_unavailable',
      `Docker did not ${what} within ${limit}: the daemon is overloaded or hangs.`,
    );
  }
}

/** For calls that look something up or change little. */
export const quickMs = 15_000;
/** For calls that start, stop or remove: a busy machine takes its time. */
export const slowMs = 60_000;

export function openDaemon({ clock }: { clock: Clock }): Daemon {
  let docker: Docker | null = null;

  return {
    async call(what, limitMs, run) {
      // Made at the first call: a DOCKER_HOST that cannot be read is then a reason and not a crash.
      docker ??= connectDocker();
      const controller = new AbortController();
      const done = new AbortController();
      const silence = clock.sleep(limitMs, done.signal).then(() => {
        if (done.signal.aborted) return new Promise<never>(() => {});
        controller.abort();
        throw new DaemonSilence(what, limitMs);
      });
      try {
        return await Promise.race([run(docker, controller.signal), silence]);
      } catch (error) {
        throw translate(error, what);
      } finally {
        done.abort();
      }
    },
  };
}

/** The HTTP status of a refusal; null for anything else. */
export function refusalStatus(error: unknown): number | null {
  return error instanceof DaemonRefusal ? error.status : null;
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof AppError && error.code === ('backend_unavailable' satisfies ErrorCode);
}

function connectDocker(): Docker {
  try {
    return new Docker();
  } catch (error) {
    throw new AppError('backend_unavailable', `DOCKER_HOST is not usable: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function translate(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    return new DaemonRefusal(error.statusCode, daemonWords(error), what, error);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new AppError('backend_unavailable', unreachableSentence(code, messageOf(error)), { cause: error });
}

/** dockerode wraps the daemon's message as `(HTTP code 404) no such image - MESSAGE `. */
function daemonWords(error: Error): string {
  return error.message
    .replace(/^\(HTTP code \d+\) .*? - /s, '')
    .trim()
    .replace(/\.$/, '');
}

function unreachableSentence(code: string, message: string): string {
  switch (code) {
    case 'ENOENT':
      return 'Docker is not running here: its socket is not there. Start Docker, or set DOCKER_HOST.';
    case 'EACCES':
    case 'EPERM':
      return 'Docker may not be used by this user: add the user to the docker group (sudo usermod -aG docker USER) and sign in again.';
    case 'ECONNREFUSED':
      return 'Docker is not running: its socket is there, but nobody answers. Start Docker.';
    default:
      return `Docker cannot be reached: ${message}`;
  }
}
