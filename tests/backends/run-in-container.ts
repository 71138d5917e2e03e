import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { systemClock } from '@/lib/clock';
import { quietLogger } from './docker-harness';

/** A process that runs one command in a container, and can be killed: installation, execution, container, command. */
const [installation = '', executionId = '', container = '', command = ''] = process.argv.slice(2);

const backend = createDockerBackend(
  { clock: systemClock, logger: quietLogger, openPackage: () => Promise.reject(new Error('no packages')) },
  { id: 'local', installation },
);
await backend.exec?.(
  executionId,
  container,
  command,
  ({ text }) => process.stdout.write(text),
  new AbortController().signal,
);
