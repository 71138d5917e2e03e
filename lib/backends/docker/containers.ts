import type { ContainerCreateOptions, ContainerInspectInfo } from 'dockerode';
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
