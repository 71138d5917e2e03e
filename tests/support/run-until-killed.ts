import { writeSync } from 'node:fs';
import { systemClock } from '@/lib/clock';
import { AppError } from '@/lib/model/errors';
import { kubernetesSettings } from '@/lib/model/kubernetes-settings';
import { launchRequest } from '@/lib/model/launch';
import { startRealEngine } from './real-engine';

/** A control plane that launches a suite, says once the step `between` runs, and waits to be killed. */
const [databaseUrl = '', folder = '', suites = '', request = '{}', kubeconfig = ''] = process.argv.slice(2);
const gantry = await startRealEngine({
  place: { databaseUrl, folder },
  suiteRoots: [suites],
  kubernetes: kubernetesSettings.parse({ kubeconfig: { from: 'file', path: kubeconfig } }),
});
const { summary } = await launch();
const listening = new AbortController();
const bell = gantry.store.notifier.subscribe(gantry.store.events.topic(summary.id), listening.signal);
for (;;) {
  const execution = await gantry.store.executions.get(summary.id);
  const between = execution?.steps.find(({ id }) => id === 'between');
  if (between?.attempts.some(({ runningAt }) => runningAt !== null)) break;
  await bell.next();
}
writeSync(1, `${summary.id}\n`);

/** Once the backend answers: under load a cluster takes longer to tell its version than a launch waits for it. */
async function launch() {
  for (;;) {
    try {
      return await gantry.engine.launch(launchRequest.parse(JSON.parse(request)), 'test', null);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'backend_unavailable')) throw error;
      console.error(`launching again: ${error.message}`);
      await systemClock.sleep(1_000);
    }
  }
}
