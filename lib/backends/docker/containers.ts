import type { ContainerCreateOptions, ContainerInspectInfo } from 'dockerode';
import type { Clock } from '../../clock';
import { type Daemon, quickMs, refusalStatus, slowMs } from './daemon';

/** The new container's id. Rejects with a DaemonRefusal: 404 no such image, 409 the name is taken. */
export async function createContainer(
  daemon: Daemon,
  name: string,
  config: ContainerCreateOptions,
): Promise<string> {
  // dockerode would write the whole configuration, secrets and all, into the URL as well.
  const container = await daemon.call(`make the container ${name}`, slowMs, (docker, abortSignal) => {
    const request = { _query: { name }, _body: config, abortSignal };
    return docker.createContainer(request);
  });
  return container.id;
}

const conflictPausesMs = [100, 300, 1_000, 3_000];

/**
 * Does it again when the name is taken: it may be so although nobody has it, because a call of a control plane that
 * was killed still makes the container, or Docker still removes one. Rejects with the refusal in the end.
 */
export async function whileNameIsTaken<T>(
  { clock }: { clock: Clock },
  signal: AbortSignal | undefined,
  create: () => Promise<T>,
): Promise<T> {
  for (let round = 0; ; round += 1) {
    try {
      return await create();
    } catch (error) {
      const pauseMs = refusalStatus(error) === 409 ? conflictPausesMs[round] : undefined;
      if (pauseMs === undefined || signal?.aborted) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
}

/** Null when it is not there. */
export async function inspectContainer(
  daemon: Daemon,
  idOrName: string,
  limitMs = quickMs,
): Promise<ContainerInspectInfo | null> {
  try {
    return await daemon.call(`look at the container ${idOrName}`, limitMs, (docker, abortSignal) =>
      docker.getContainer(idOrName).inspect({ abortSignal }),
    );
  } catch (error) {
    if (refusalStatus(error) === 404) return null;
    throw error;
  }
}

/** True when it runs afterwards, also if it did before; false when it had ended. */
export async function killContainer(
  daemon: Daemon,
  id: string,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<boolean> {
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
