import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { LogPosition, OutputLine, UnfinishedLine } from '../../model/log-line';
import type { Logger } from '../../model/logger';
import type { LineDelivery } from '../line-delivery';
import { createUnfinishedLines } from '../unfinished-lines';
import { type Attachment, attachTo } from './attachment';
import type { Daemon } from './daemon';
import { createOutputProgress } from './output-progress';
import { readAttached } from './read-attached';
import { readLog } from './read-log';

/**
 * The output of one attempt: each line once, both streams in the order in which the engine has them.
 *
 * Docker's attach call is several times faster than its log and shows lines that have no end yet, but copies each stream
 * by itself: where both print at once, whole blocks change places. Then the log is read instead, which has their order.
 * Podman's attach call has the order, and its followed log loses lines.
 */
export interface Output {
  /**
   * Attaches to a container that runs, or is about to start: only then does the attachment see all. Never rejects: the
   * log has all that is printed. `made` is an attachment from before such a start.
   */
  attach(isAboutToStart: boolean, made?: Attachment): Promise<void>;
  /**
   * Reads until the container's output ends; `ended` settles when the container has. Resolves when every line is
   * delivered. Rejects when the log of a container that has ended cannot be read whole.
   */
  readToEnd(ended: Promise<unknown>): Promise<void>;
  /** Lets go at once; nothing is delivered after it has resolved. */
  abandon(): Promise<void>;
}

export interface OutputWatch {
  /** Every line, also those of an earlier call. */
  onEveryLine(lines: OutputLine[]): void;
  onUnfinished(line: UnfinishedLine): void;
}

export function createOutput(
  context: { clock: Clock; daemon: Daemon; logger: Logger },
  container: string,
  resumeAfter: LogPosition,
  delivery: LineDelivery,
  { onEveryLine, onUnfinished }: OutputWatch,
): Output {
  const { clock, daemon, logger } = context;
  const abandoned = new AbortController();
  const progress = createOutputProgress(resumeAfter, delivery, onEveryLine);
  const unfinished = createUnfinishedLines({ clock }, onUnfinished);
  let attachment: Attachment | null = null;
  let seesAll = false;
  return {
    async attach(isAboutToStart, made) {
      seesAll = isAboutToStart;
      try {
        attachment = made ?? (await attachTo({ clock, daemon }, container));
      } catch (error) {
        logger.warn({ container, error: messageOf(error) }, 'unfinished lines of a step cannot be seen');
      }
    },
    async readToEnd(ended) {
      if (attachment && !seesAll) void attachment.read(unfinished.push, async () => true);
      const isRead =
        attachment &&
        seesAll &&
        (await readAttached(context, { attachment, ended, unfinished }, progress, delivery));
      if (!isRead) {
        const logged = {
          id: container,
          ended,
          canFollow: daemon.name === 'Docker',
          hasPrinted: () => attachment?.hasSeenOutput() ?? false,
          abandoned: abandoned.signal,
        };
        await readLog(context, logged, progress, delivery);
      }
      await delivery.flush();
    },
    async abandon() {
      abandoned.abort();
      unfinished.stop();
      attachment?.close();
      await delivery.stop();
    },
  };
}
