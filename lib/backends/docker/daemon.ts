import Docker from 'dockerode';
import { z } from 'zod';
import type { Clock } from '../../clock';
import { AppError, type ErrorCode, messageOf } from '../../model/errors';
import { guardRequests } from './engine-requests';

/** What answers behind the socket: Docker, or Podman through its Docker-compatible API. */
export interface Engine {
  name: 'Docker' | 'Podman';
  version: string;
  /** In the engine's own word, e.g. `amd64`. */
  architecture: string;
}

/** Calls to the container engine: each with its own deadline, each failure in plain words. */
export interface Daemon {
  /** For sentences; `Docker` until the engine has said that it is another one. */
  readonly name: Engine['name'];
  /** Asked once, unless `isFresh` is wanted. Rejects as `call` does. */
  engine(limitMs: number, isFresh?: boolean): Promise<Engine>;
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
    engine: string,
    readonly status: number,
    /** The daemon's own words. */
    readonly said: string,
    what: string,
    cause: unknown,
  ) {
    super('backend_failed', `${engine} could not ${what}: ${said}`, { cause });
  }
}

/** The daemon answered with success and without what belongs to it, as a proxy does that lost the answer. */
export class DaemonNonsense extends AppError {
  constructor(engine: string, what: string, cause: unknown) {
    super(
      'backend_failed',
      `${engine} did not ${what}: its answer is not what the API promises. Is there a proxy before it?`,
      { cause },
    );
  }
}

/** The daemon has not answered in time: it is there, or nobody has said that it is not. */
export class DaemonSilence extends AppError {
  constructor(engine: string, what: string, limitMs: number) {
    const limit = `${Math.round(limitMs / 1000)} s`;
    super(
      'backend_unavailable',
      `${engine} did not ${what} within ${limit}: the daemon is overloaded or hangs.`,
    );
  }
}

/** For calls that look something up or change little. */
export const quickMs = 15_000;
/** For calls that start, stop or remove: a busy machine takes its time. */
export const slowMs = 60_000;
/** For what moves as many bytes as a step exports. */
export const transferMs = 30 * 60_000;

const versionAnswer = z.object({
  Version: z.string(),
  Arch: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});

/** `host` in the form of DOCKER_HOST; without it DOCKER_HOST itself counts, else the local socket. */
export function openDaemon({ clock }: { clock: Clock }, host?: string): Daemon {
  let docker: Docker | null = null;
  let engine: Engine | null = null;

  const daemon: Daemon = {
    get name() {
      return engine?.name ?? 'Docker';
    },
    async engine(limitMs, isFresh = false) {
      if (engine && !isFresh) return engine;
      const answer = await daemon.call('tell its version', limitMs, async (each) =>
        versionAnswer.parse(await each.version()),
      );
      const isPodman = answer.Components?.some(({ Name }) => Name === 'Podman Engine') ?? false;
      engine = { name: isPodman ? 'Podman' : 'Docker', version: answer.Version, architecture: answer.Arch };
      return engine;
    },
    async call(what, limitMs, run) {
      // Made at the first call: a DOCKER_HOST that cannot be read is then a reason and not a crash.
      docker ??= guardRequests(connectDocker(host));
      const controller = new AbortController();
      const done = new AbortController();
      const silence = clock.sleep(limitMs, done.signal).then(() => {
        if (done.signal.aborted) return new Promise<never>(() => {});
        controller.abort();
        throw new DaemonSilence(daemon.name, what, limitMs);
      });
      try {
        return await Promise.race([run(docker, controller.signal), silence]);
      } catch (error) {
        throw translate(error, daemon.name, what);
      } finally {
        done.abort();
      }
    },
  };
  return daemon;
}

/** The HTTP status of a refusal; null for anything else. */
export function refusalStatus(error: unknown): number | null {
  return error instanceof DaemonRefusal ? error.status : null;
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof AppError && error.code === ('backend_unavailable' satisfies ErrorCode);
}

function connectDocker(host: string | undefined): Docker {
  try {
    if (host === undefined) return new Docker();
    const { protocol, hostname, port, pathname } = new URL(host);
    if (protocol === 'unix:') return new Docker({ socketPath: pathname });
    return new Docker({ host: hostname, port, protocol: protocol === 'https:' ? 'https' : 'http' });
  } catch (error) {
    throw new AppError('backend_unavailable', `DOCKER_HOST is not usable: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function translate(error: unknown, engine: string, what: string): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof z.ZodError) return new DaemonNonsense(engine, what, error);
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    const said = formatDaemonError(error) || `it answered with HTTP status ${error.statusCode}`;
    return new DaemonRefusal(engine, error.statusCode, said, what, error);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new AppError('backend_unavailable', unreachableSentence(engine, what, code, messageOf(error)), {
    cause: error,
  });
}

/** dockerode wraps the daemon's message as `(HTTP code 404) no such image - MESSAGE `. */
function formatDaemonError(error: Error): string {
  return error.message
    .replace(/^\(HTTP code \d+\) .*? - /s, '')
    .trim()
    .replace(/\.$/, '');
}

function unreachableSentence(engine: string, what: string, code: string, message: string): string {
  switch (code) {
    case 'ENOENT':
      return 'Docker is not running here: its socket is not there. Start Docker, or set DOCKER_HOST.';
    case 'EACCES':
    case 'EPERM':
      return 'Docker may not be used by this user: add the user to the docker group (sudo usermod -aG docker USER) and sign in again.';
    case 'ECONNREFUSED':
      return 'Docker is not running: its socket is there, but nobody answers. Start Docker.';
    default:
      return `${engine} cannot be reached to ${what}: ${message}`;
  }
}
