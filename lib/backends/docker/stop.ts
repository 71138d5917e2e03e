import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import { endsWithin } from '../ending';
import { killContainer } from './containers';
import type { Daemon } from './daemon';

/** From SIGKILL to the end: more means that the daemon or the kernel hangs. */
const killLimitMs = 20_000;

/** SIGTERM, the grace time, SIGKILL; resolves once the container has ended, with the last signal that was sent. */
export async function stopContainer(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  graceMs: number,
  ended: Promise<unknown>,
): Promise<'SIGTERM' | 'SIGKILL'> {
  await killContainer(daemon, container, 'SIGTERM');
  if (await endsWithin(clock, ended, graceMs)) return 'SIGTERM';
  await killContainer(daemon, container, 'SIGKILL');
  if (await endsWithin(clock, ended, killLimitMs)) return 'SIGKILL';
  throw new AppError(
    'backend_failed',
    `Docker did not end the container ${container.slice(0, 12)} within ${killLimitMs / 1000} s of SIGKILL.`,
  );
}
