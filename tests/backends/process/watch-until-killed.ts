import { writeSync } from 'node:fs';
import { createProcessBackend } from '@/lib/backends/process/process-backend';
import { systemClock } from '@/lib/clock';
import { stepSpec } from '@/lib/model/step-spec';
import { silentLogger } from '../contract/silent-logger';

/** A control plane that watches one step, prints the lines that it gets, and waits to be killed. */
const [folder = '', spec = ''] = process.argv.slice(2);
const backend = createProcessBackend(
  {
    clock: systemClock,
    logger: silentLogger,
    openPackage: async () => (async function* () {})(),
  },
  { id: 'process', installation: 'test', folder },
);
await backend.runStep(stepSpec.parse(JSON.parse(spec)), {
  signal: new AbortController().signal,
  onPhase() {},
  onRunning() {},
  onReady() {},
  async onLines(lines) {
    for (const { text } of lines) writeSync(1, `${text}\n`);
  },
  async onArtifact() {},
});
