import { AppError } from '../model/errors';
import type { ExecutionSummary } from '../model/execution';
import { isFinalExecution } from '../model/status';
import type { Engine, EngineDependencies } from './engine';
import { createEnvironments } from './environments/environments';
import { createForcedCancels } from './forced-cancels';
import { launch, preview } from './launch';
import { createLaunchSuites } from './launch-suites';
import { mergeJunit } from './reports/merge-junit';
import { createReportParser } from './reports/report-parser';
import { rerun } from './rerun';
import { cancelTopic, createScheduler } from './scheduler';

export function createEngine(deps: EngineDependencies): Engine {
  const stopping = new AbortController();
  const environments = createEnvironments({ ...deps, stopping: stopping.signal }, (id, by) =>
    cancel(deps, id, by),
  );
  const reports = createReportParser(deps);
  const scheduler = createScheduler({ ...deps, environments, reports });
  return {
    environments,
    start: () => scheduler.start(),
    async stop() {
      stopping.abort();
      await Promise.all([scheduler.stop(), environments.commandsEnded()]);
      await reports.close();
    },
    launchSuites: createLaunchSuites(deps),
    preview: (request) => preview(deps, request),
    launch: (request, author, idempotencyKey) => launch(deps, request, author, idempotencyKey),
    rerun: (id, request, author, idempotencyKey) => rerun(deps, id, request, author, idempotencyKey),
    async junit(id, origin) {
      const { executions, artifacts } = deps.store;
      const execution = await executions.get(id);
      if (!execution) throw new AppError('execution_not_found', `There is no execution ${id}.`);
      const link = origin === null ? null : `${origin}/executions/${id}`;
      return mergeJunit({ artifacts }, execution, link);
    },
    cancel: (id, by, options) => cancel(deps, id, by, options),
  };
}

async function cancel(
  { store }: EngineDependencies,
  id: string,
  by: string,
  { force = false }: { force?: boolean } = {},
): Promise<ExecutionSummary> {
  const before = await store.executions.summary(id);
  if (!before) throw new AppError('execution_not_found', `There is no execution ${id}.`);
  if (isFinalExecution(before.status)) {
    throw new AppError('conflict', `Execution ${id} has ended already: ${before.status}.`);
  }
  const isNew = force
    ? !(await createForcedCancels(store.events).isForced(id))
    : before.cancelRequestedAt === null;
  if (isNew) {
    const forced = force ? { force } : {};
    await store.events.append(id, [{ type: 'execution.cancel_requested', by, ...forced }], null);
    store.notifier.notify(cancelTopic);
  }
  return (await store.executions.summary(id)) ?? before;
}
