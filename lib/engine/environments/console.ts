import type { Backend, BackendRegistry } from '../../backends/backend';
import { type Clock, waitAtMost } from '../../clock';
import { type ExecProgress, type Inventory, maxExecOutput } from '../../model/environment';
import { AppError } from '../../model/errors';
import { createMasker, type Masker } from '../../model/masker';
import type { Secrets } from '../../secrets/secrets';
import type { Store } from '../../store/store';
import { resolveSecrets } from '../secret-values';

const maxExecMs = 10 * 60_000;
/** For commands to end when the control plane does. */
const farewellMs = 3_000;

export interface EnvironmentConsole {
  /**
   * Runs a command in a container. Ended when the signal does, when the control plane stops, after ten minutes, or when
   * it has printed 2 MB.
   * Rejects with `not_found`, `conflict` when the container does not run, `backend_failed` when its backend has no
   * such thing.
   */
  exec(
    id: string,
    /** `open` gets the command without secrets, just before it is run; if it rejects, it is not. */
    request: { resource: string; command: string; open(command: string): Promise<void> },
    emit: (progress: ExecProgress) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** The last lines of a container, as its backend keeps them. Rejects as `exec` does. */
  lastLines(id: string, resource: string, lines: number): Promise<string>;
  /** When the control plane stops: resolves once no command is under way, or those that are have had their time. */
  commandsEnded(): Promise<void>;
}

interface ConsoleDependencies {
  clock: Clock;
  store: Store;
  backends: BackendRegistry;
  secrets: Secrets;
  stopping: AbortSignal;
}

/** Looks into what is there. The execution's secrets are masked in what is shown of it. */
export function createConsole(
  { clock, store, backends, secrets, stopping }: ConsoleDependencies,
  take: () => Promise<Inventory>,
): EnvironmentConsole {
  const underWay = new Set<Promise<void>>();

  /** Only of what nobody here has launched every backend has to be asked. */
  async function backendOf(id: string): Promise<Backend> {
    const [facts] = await store.environments.facts([id]);
    const known = facts ?? (await take()).environments.find((each) => each.id === id);
    if (!known)
      throw new AppError('not_found', `There is no environment ${id}, and no execution of that name.`);
    const backend = await backends.get(known.backend.id);
    if (!backend) throw new AppError('not_found', `There is no environment ${id}.`);
    return backend;
  }

  /** The masker of an execution's secrets; an execution that no longer exists has none. */
  async function maskerOf(id: string, signal: AbortSignal): Promise<Masker> {
    const plan = await store.executions.plan(id);
    return plan ? (await resolveSecrets({ clock, secrets }, plan, signal)).masker : createMasker([]);
  }

  const run: EnvironmentConsole['exec'] = async (id, { resource, command, open }, emit, signal) => {
    const backend = await backendOf(id);
    if (!backend.exec) throw unsupported(backend, 'commands cannot be run in them');
    const masker = await maskerOf(id, signal);
    const streams = { stdout: masker.stream(), stderr: masker.stream() };
    await open(masker.text(command));
    const over = new AbortController();
    const done = new AbortController();
    void clock.sleep(maxExecMs, done.signal).then(() => over.abort());
    const show = (stream: 'stdout' | 'stderr', text: string) => {
      if (text !== '') emit({ type: 'output', stream, text });
    };
    let printed = 0;
    try {
      const { exitCode } = await backend.exec(
        id,
        resource,
        command,
        ({ stream, text }) => {
          if (printed > maxExecOutput) return;
          printed += text.length;
          show(stream, streams[stream].push(text));
          if (printed <= maxExecOutput) return;
          emit({ type: 'cut' });
          over.abort();
        },
        AbortSignal.any([signal, over.signal, stopping]),
      );
      for (const stream of ['stdout', 'stderr'] as const) show(stream, streams[stream].end());
      emit({ type: 'exit', exitCode });
    } finally {
      done.abort();
    }
  };

  return {
    exec(...call) {
      const work = run(...call).finally(() => underWay.delete(work));
      underWay.add(work);
      return work;
    },
    commandsEnded: () => waitAtMost(clock, farewellMs, Promise.allSettled(underWay)),
    async lastLines(id, resource, lines) {
      const backend = await backendOf(id);
      if (!backend.readLastLines) throw unsupported(backend, 'their logs cannot be read');
      const masker = await maskerOf(id, new AbortController().signal);
      return masker.text(await backend.readLastLines(id, resource, lines));
    },
  };
}

function unsupported({ id, kind }: Backend, what: string): AppError {
  return new AppError('backend_failed', `Environments on ${id} are of the kind ${kind}: ${what}.`);
}
