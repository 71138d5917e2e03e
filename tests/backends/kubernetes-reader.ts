// A control plane's part of one step, in a process of its own that a test may kill: what it would store goes to stdout.

import { createKubernetesBackend } from '@/lib/backends/kubernetes/kubernetes-backend';
import { systemClock } from '@/lib/clock';
import { stepSpec } from '@/lib/model/step-spec';
import { silentLogger } from '../support/silent-logger';
import { testSettings } from './kubernetes-harness';

const [installation = '', step = ''] = process.argv.slice(2);
const backend = createKubernetesBackend(
  { clock: systemClock, logger: silentLogger, openPackage: () => Promise.reject(new Error('no package')) },
  { id: 'kubernetes', installation, settings: testSettings() },
);
await backend.runStep(stepSpec.parse(JSON.parse(step)), {
  signal: new AbortController().signal,
  resumeAfter: { stdout: 0, stderr: 0 },
  onPhase() {},
  onRunning() {},
  onReady() {},
  onLines: (lines) =>
    new Promise((resolve) => {
      process.stdout.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), () => resolve());
    }),
  onArtifact: () => Promise.resolve(),
});
