import type { Clock } from '../../clock';
import type { Logger } from '../../model/logger';
import type { Notifier } from '../../store/notifier';
import type { ExecutionStore, Store } from '../../store/store';

export interface RemoteDependencies {
  clock: Clock;
  logger: Logger;
  jobs: Store['jobs'];
  agents: Store['agents'];
  executions: Pick<ExecutionStore, 'plan'>;
  notifier: Notifier;
}
