import { writeSync } from 'node:fs';
import { startRealEngine } from '../../support/real-engine';

/** A control plane that launches a suite, says once the step `next` is made ready so far, and waits to be killed. */
const [databaseUrl = '', folder = '', suites = '', stage = ''] = process.argv.slice(2);
const gantry = await startRealEngine({
  place: { databaseUrl, folder },
  suiteRoots: [suites],
  prepareAhead: 2,
});
const { summary } = await gantry.engine.launch({ suiteId: 'two', backend: 'local' }, 'test', null);
const bell = gantry.store.notifier.subscribe(
  gantry.store.events.topic(summary.id),
  new AbortController().signal,
);
for (;;) {
  const events = await gantry.store.events.read(summary.id, 0, 1_000);
  if (events.some((event) => event.type === 'step.ahead' && event.stage === stage)) break;
  await bell.next();
}
writeSync(1, `${summary.id}\n`);
