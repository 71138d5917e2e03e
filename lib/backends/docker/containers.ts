import type { ContainerCreateOptions } from 'dockerode';
import { z } from 'zod';
import type { Clock } from '../../clock';
import { type Daemon, quickMs, refusalStatus, slowMs } from './daemon';

const containerState = z.object({
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`; Podman also `stopped` for a moment. */
  Status: z.string().min(1),
  Running: z.boolean(),
  Paused: z.boolean().catch(false),
  Restarting: z.boolean().catch(false),
  Dead: z.boolean().catch(false),
  OOMKilled: z.boolean().catch(false),
  ExitCode: z.int(),
  /** Why it could not be started, in the runtime's words; empty otherwise. */
  Error: z.string().catch(''),
  StartedAt: z.string(),
  FinishedAt: z.string(),
  Health: z
    .object({
      Status: z.string(),
      Log: z.array(z.object({ Output: z.string().catch('') })).nullish(),
    })
    .nullish()
    .catch(null),
});
export type ContainerState = z.infer<typeof containerState>;

/** What is read of a container; an answer without these is none. */
const containerDetails = z.object({
  Id: z.string().min(1),
  State: containerState,
  Config: z.object({
    Labels: z.record(z.string(), z.string()).nullish(),
    Env: z.array(z.string()).nullish(),
    WorkingDir: z.string().catch(''),
    Tty: z.boolean().catch(false),
    StopSignal: z.string().nullish().catch(null),
    Entrypoint: z.array(z.string()).nullish().catch(null),
    Cmd: z.array(z.string()).nullish().catch(null),
    Healthcheck: z
      .object({ Test: z.array(z.string()).nullish(), Interval: z.number().nullish() })
      .nullish()
      .catch(null),
  }),
  NetworkSettings: z
    .object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string().catch('') })).nullish() })
    .nullish(),
});
export type ContainerDetails = z.infer<typeof containerDetails>;

const created = z.object({ id: z.string().min(1) });

/** The new container's id. Rejects with a DaemonRefusal: 404 no such image for the platform, 409 the name is taken. */
export async function createContainer(
  daemon: Daemon,
  name: string,
  config: ContainerCreateOptions,
  platform: string | null = null,
): Promise<string> {
  // dockerode would write the whole configuration, secrets and all, into the URL as well.
  const container = await daemon.call(`make the container ${name}`, slowMs, (docker, abortSignal) => {
    const request = {
      _query: { name, ...(platform === null ? {} : { platform }) },
      _body: config,
      abortSignal,
    };
    return docker.createContainer(request).then((made) => created.parse({ id: made.id }));
  });
  return container.id;
}

const conflictPausesMs = [100, 300, 1_000, 3_000];

/**
 * Creates the container again while its name is taken: it may be so although nobody has it, because a call of a
 * control plane that was killed still makes the container, or the engine still removes one. Rejects with the refusal
 * in the end. Docker refuses a taken name with 409, Podman with 500: there a look tells.
 */
export async function whileNameIsTaken<T>(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  name: string,
  signal: AbortSignal | undefined,
  create: () => Promise<T>,
): Promise<T> {
  for (let round = 0; ; round += 1) {
    try {
      return await create();
    } catch (error) {
      const isTaken = refusalStatus(error) === 409 || (await isThereInstead(daemon, name, error));
      const pauseMs = isTaken ? conflictPausesMs[round] : undefined;
      if (pauseMs === undefined || signal?.aborted) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
}

async function isThereInstead(daemon: Daemon, name: string, refusal: unknown): Promise<boolean> {
  return refusalStatus(refusal) === 500 && (await inspectContainer(daemon, name)) !== null;
}

/** Null when it is not there. */
export async function inspectContainer(
  daemon: Daemon,
  idOrName: string,
  limitMs = quickMs,
): Promise<ContainerDetails | null> {
  try {
    return await daemon.call(`look at the container ${idOrName}`, limitMs, async (docker, abortSignal) =>
      containerDetails.parse(await docker.getContainer(idOrName).inspect({ abortSignal })),
    );
  } catch (error) {
    if (refusalStatus(error) === 404) return null;
    throw error;
  }
}

/** Whether it is over, by its own state: what an engine is about to start, or pauses, is not. */
export function hasEnded({ Status, Running, Paused, Restarting }: ContainerState): boolean {
  return !Running && !Paused && !Restarting && (Status === 'exited' || Status === 'dead');
}

/** True when the signal, a name or a number, was sent; false when the container is gone or has ended, which its state has to confirm. */
export async function killContainer(daemon: Daemon, id: string, signal: string): Promise<boolean> {
  try {
    await daemon.call(`send ${signal} to the container ${id}`, quickMs, (docker, abortSignal) =>
      docker.getContainer(id).kill({ signal, abortSignal }),
    );
    return true;
  } catch (error) {
    const status = refusalStatus(error);
    if (status === 404 || status === 409) return false;
    throw error;
  }
}

/** Rejects with the refusal: 404 it is gone, 409 another one has the name. */
export function renameContainer(daemon: Daemon, id: string, name: string): Promise<void> {
  return daemon.call(`name the container ${name}`, quickMs, async (docker, abortSignal) => {
    await docker.getContainer(id).rename({ name, abortSignal });
  });
}

const processList = z.object({
  Titles: z.array(z.string()),
  Processes: z.array(z.array(z.string())).nullish(),
});

/** The commands of its processes with their arguments. Rejects when it does not run. */
export async function listCommands(daemon: Daemon, id: string): Promise<string[]> {
  const list = await daemon.call('list the processes of a container', quickMs, async (docker) =>
    processList.parse(await docker.getContainer(id).top()),
  );
  const column = list.Titles.findIndex((title) => title === 'CMD' || title === 'COMMAND');
  return (list.Processes ?? []).flatMap((columns) => columns[column] ?? []);
}

/** With its volumes that have no name. Harmless when it is gone. */
export async function removeContainer(daemon: Daemon, id: string, name: string): Promise<void> {
  try {
    await daemon.call(`remove the container ${name}`, slowMs, (docker) =>
      docker.getContainer(id).remove({ force: true, v: true }),
    );
  } catch (error) {
    if (refusalStatus(error) !== 404) throw error;
  }
}
