import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { LineDelivery } from '../line-delivery';
import type { Daemon } from './daemon';
import { createLogReader, type LogReader } from './log-reader';
import type { OutputProgress } from './output-progress';
import { settledWithin } from './settled-within';
import { whenSilent } from './when-silent';

const maxReadings = 4;
/** Until a log that ended is read once more: an engine that restarts has to come back first. */
const pauseMs = 500;
/** A log that cannot be followed is read again and again while its container runs. */
const pollMs = 1_000;

/** One container whose output is read from its log. */
export interface LoggedContainer {
  id: string;
  /** Settles when it has ended. */
  ended: Promise<unknown>;
  canFollow: boolean;
  /** Whether it has printed something, so that an empty log is not whole. */
  hasPrinted(): boolean;
  abandoned: AbortSignal;
}

interface LogContext {
  clock: Clock;
  daemon: Daemon;
  logger: Logger;
}

/** Delivers each line of the log that no earlier call and not an attachment has delivered. */
export async function readLog(
  context: LogContext,
  container: LoggedContainer,
  progress: OutputProgress,
  delivery: LineDelivery,
): Promise<void> {
  const { abandoned, ended } = container;
  const inLog = { stdout: 0, stderr: 0 };
  const reader = createLogReader(
    context.daemon,
    container.id,
    { ...progress.position },
    (stream, lines, isNew) => {
      const unseen = lines.slice(Math.max(0, progress.seen[stream] - inLog[stream]));
      inLog[stream] += lines.length;
      progress.see(stream, unseen);
      if (isNew) progress.deliver(lines);
    },
  );
  abandoned.addEventListener('abort', reader.stop, { once: true });
  const hasRoom = () => delivery.hasRoom(Number.POSITIVE_INFINITY);
  await readWhileRunning(context, container, reader, hasRoom);
  if ((await settledWithin(context.clock, ended, 0)) === 'resolved')
    await readWhole(context, container, reader, hasRoom);
}

/** The end of a log that is followed says nothing: an engine that restarts, or has a bad moment, ends it as well. */
async function readWhileRunning(
  { clock, logger }: LogContext,
  { id, ended, canFollow, abandoned }: LoggedContainer,
  reader: LogReader,
  hasRoom: () => Promise<unknown>,
): Promise<void> {
  while (!abandoned.aborted && (await settledWithin(clock, ended, 0)) === 'pending') {
    let lastMs = clock.monotonicMs();
    const room = async () => {
      lastMs = clock.monotonicMs();
      await hasRoom();
      lastMs = clock.monotonicMs();
    };
    const read = new AbortController();
    const watchdog = whenSilent(clock, ended, () => lastMs, read.signal, reader.stop);
    try {
      await reader.read({ follow: canFollow }, room);
    } catch (error) {
      // It is read again, whatever it was; once the container has ended for the last time.
      if (!abandoned.aborted) logger.debug({ container: id, error: messageOf(error) }, 'a log broke off');
    } finally {
      read.abort();
      await watchdog;
    }
    await settledWithin(clock, ended, canFollow ? pauseMs : pollMs, abandoned);
  }
}

/** Only what is read after the end is whole, and only when the newest entry is among it. */
async function readWhole(
  { clock, daemon }: LogContext,
  { hasPrinted, abandoned }: LoggedContainer,
  reader: LogReader,
  hasRoom: () => Promise<unknown>,
): Promise<void> {
  // An empty answer is not believed where something was printed.
  const isWhole = async () => (await reader.isAtEnd()) && (!reader.isEmpty() || !hasPrinted());
  for (let reading = 1; !abandoned.aborted; reading += 1) {
    try {
      if (await isWhole()) return reader.finish();
      await reader.read({ follow: false }, hasRoom);
      if (await isWhole()) return reader.finish();
    } catch (error) {
      if (abandoned.aborted) return;
      if (reading >= maxReadings) throw error;
    }
    if (reading >= maxReadings) {
      throw new AppError(
        'backend_failed',
        `${daemon.name} does not give the whole log of the step's container.`,
      );
    }
    await clock.sleep(pauseMs, abandoned);
  }
}
