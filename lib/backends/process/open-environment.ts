import type { Clock } from '../../clock';
import type { Backend, EnvironmentSpec, ResourceLedger } from '../backend';
import { allocatePorts } from './allocate-ports';
import { environmentFolder, environmentIds, readEnvironment, writeEnvironment } from './scratch';

/** Returns what opens environments: it gives the services of each their ports, and writes down both. */
export function createEnvironmentOpener(
  { clock, ledger }: { clock: Clock; ledger: ResourceLedger },
  { root, installation }: { root: string; installation: string },
): Backend['openEnvironment'] {
  let opening: Promise<unknown> = Promise.resolve();

  async function open(environment: EnvironmentSpec): Promise<void> {
    if (await readEnvironment(root, environment.executionId)) return;
    const { executionId } = environment;
    const name = environmentFolder(root, executionId);
    await ledger.intend(executionId, [{ kind: 'folder', name, stepId: null, attempt: null }]);
    const { services, ...labels } = environment;
    const ports = await allocatePorts(services, await takenPorts(root));
    await writeEnvironment(root, { ...labels, installation, createdAt: clock.now().toISOString(), ports });
    ledger.made(executionId, 'folder', name);
  }

  return (environment) => {
    // One after the other: two that look for free ports at the same time could find the same ones.
    const opened = opening.then(() => open(environment));
    opening = opened.catch(() => {});
    return opened;
  };
}

/** Ports that other environments have been given, whether they listen already or not. */
async function takenPorts(root: string): Promise<Set<number>> {
  const taken = new Set<number>();
  for (const executionId of await environmentIds(root)) {
    const environment = await readEnvironment(root, executionId);
    for (const ports of Object.values(environment?.ports ?? {})) {
      for (const port of Object.values(ports)) taken.add(port);
    }
  }
  return taken;
}
