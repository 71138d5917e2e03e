import type { Backend, BackendRegistry, EnvironmentSnapshot } from '../../backends/backend';
import type { Clock } from '../../clock';
import type { InventoryBackend } from '../../model/environment';
import { messageOf } from '../../model/errors';
import type { BackendOption } from '../../model/launch';

/** The environments of one backend, as last seen if it cannot be reached. */
export interface BackendPicture {
  backend: InventoryBackend;
  snapshots: EnvironmentSnapshot[];
}

export interface BackendLister {
  /** Asks every backend; one that cannot be reached is no error. */
  list(): Promise<BackendPicture[]>;
}

/** Lists what is on the backends, and remembers what was on those that go away. */
export function createBackendLister({
  clock,
  backends,
}: {
  clock: Clock;
  backends: BackendRegistry;
}): BackendLister {
  const seen = new Map<string, { at: string; snapshots: EnvironmentSnapshot[] }>();

  async function listOne(option: BackendOption): Promise<BackendPicture> {
    const { id, kind, label } = option;
    const problem = await ask(option);
    const last = seen.get(id) ?? null;
    return {
      backend: { id, kind, label, isReachable: problem === null, reason: problem, seenAt: last?.at ?? null },
      snapshots: last?.snapshots ?? [],
    };
  }

  /** Null, or why it could not be asked. */
  async function ask({ id }: BackendOption): Promise<string | null> {
    const backend: Backend | null = await backends.get(id);
    if (!backend) return 'it is not supported by this version of Gantry';
    try {
      const snapshots = await backend.listEnvironments();
      seen.set(id, { at: clock.now().toISOString(), snapshots });
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  return {
    list: async () => Promise.all((await backends.options()).map(listOne)),
  };
}
