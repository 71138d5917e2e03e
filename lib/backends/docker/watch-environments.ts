import { z } from 'zod';
import { AppError, messageOf } from '../../model/errors';
import { environmentName, labelNames } from '../labels';
import { type Daemon, quickMs } from './daemon';

const dockerEvent = z.object({
  Type: z.string(),
  Actor: z.object({ Attributes: z.record(z.string(), z.string()).nullish() }),
});

/** Containers carry their labels in events; networks and volumes only their names. */
const filters = {
  type: ['container' as const, 'network' as const, 'volume' as const],
  event: [
    'create',
    'start',
    'die',
    'oom',
    'pause',
    'unpause',
    'rename',
    'destroy',
    'health_status',
    'remove',
  ],
};

/** Follows the daemon's events until the signal ends. Rejects with `backend_unavailable` when they stop coming. */
export async function watchEnvironments(
  daemon: Daemon,
  installation: string,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const stream = await daemon.call('tell its events', quickMs, (docker) =>
    docker.getEvents({ filters, abortSignal: signal }),
  );
  // What happened before the stream was open is found by the list that follows.
  onChange();
  let rest = '';
  try {
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (lines.some((line) => isOurs(line, installation))) onChange();
    }
  } catch (error) {
    if (signal.aborted) return;
    throw new AppError('backend_unavailable', `Docker stopped telling its events: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (!signal.aborted) throw new AppError('backend_unavailable', 'Docker stopped telling its events.');
}

function isOurs(line: string, installation: string): boolean {
  if (line.trim() === '') return false;
  const { Type: type, Actor: actor } = dockerEvent.parse(JSON.parse(line));
  const attributes = actor.Attributes ?? {};
  if (type === 'container') return attributes[labelNames.installation] === installation;
  // Podman has the name of a network under another key.
  const name = attributes.name || attributes.network;
  return type === 'volume' || (name?.startsWith(environmentName('')) ?? false);
}
