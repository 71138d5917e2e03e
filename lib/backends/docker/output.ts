import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { LogPosition, OutputLine, UnfinishedLine } from '../../model/log-line';
import type { Logger } from '../../model/logger';
import type { LineDelivery } from '../line-delivery';
import { createLineSplitter } from '../line-splitter';
import { createUnfinishedLines } from '../unfinished-lines';
import { type Attachment, attachTo } from './attachment';
import type { Daemon } from './daemon';
import type { FrameStream } from './frames';
import { createHeldLines } from './held-lines';
import { createLogReader, type LogReader } from './log-reader';
import { settledWithin } from './settled-within';

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

/** A receiver that takes longer must not stall the container: what is left is read from its log later. */
const stallLimitMs = 1_000;
/** From the container's end to the end of a stream of its output, as long as nothing comes. */
const drainSilenceMs = 3_000;
/** From the end of a stream to the news that the container has ended. */
const restartPauseMs = 500;
const maxReadings = 4;
/** A log that cannot be followed is read again and again while its container runs. */
const pollMs = 1_000;

const streams = ['stdout', 'stderr'] as const;

export function createOutput(
  { clock, daemon, logger }: { clock: Clock; daemon: Daemon; logger: Logger },
  container: string,
  resumeAfter: LogPosition,
  delivery: LineDelivery,
  { onEveryLine, onUnfinished }: OutputWatch,
): Output {
  const abandoned = new AbortController();
  const position = { ...resumeAfter };
  const unfinished = createUnfinishedLines({ clock }, onUnfinished);
  let attachment: Attachment | null = null;
  let seesAll = false;
  let stopReading: () => void = () => undefined;

  /** Lines that were seen by whoever looks for a text in them. */
  const seen = { stdout: 0, stderr: 0 };

  function see(stream: FrameStream, lines: OutputLine[]): void {
    seen[stream] += lines.length;
    if (lines.length > 0) onEveryLine(lines);
  }

  /** `lines` have one stream or are in the order of the engine. */
  function deliver(lines: OutputLine[]): void {
    for (const { stream } of lines) if (stream !== 'system') position[stream] += 1;
    delivery.push(lines);
  }

  /** Resolves with false when the rest has to be read from the log. */
  async function readAttached(from: Attachment, ended: Promise<unknown>): Promise<boolean> {
    const splitters = { stdout: createLineSplitter('stdout'), stderr: createLineSplitter('stderr') };
    const held = daemon.name === 'Docker' ? createHeldLines({ clock }, deliver) : null;
    const read = new AbortController();
    const watchdog = whenSilent(ended, () => from.lastChunkMs(), read.signal, from.close);
    let hasOrder = true;
    let tellMixed = () => {};
    const mixed = new Promise<void>((resolve) => {
      tellMixed = resolve;
    });

    function take(stream: FrameStream, lines: OutputLine[]): void {
      see(stream, lines);
      if (!hasOrder) return;
      if (!held) deliver(lines);
      else if (!held.add(stream, lines)) {
        hasOrder = false;
        held.takeAll();
        tellMixed();
      }
    }

    const whole = from.read(
      (stream, payload) => {
        unfinished.push(stream, payload);
        take(stream, splitters[stream].push(payload, clock.now().getTime()));
      },
      () => (hasOrder ? delivery.hasRoom(stallLimitMs) : Promise.resolve(true)),
    );
    const isWhole = await Promise.race([whole, mixed.then(() => false)]);
    read.abort();
    await watchdog;
    // A program may close its output and run on; an engine that restarts ends the stream as well.
    if (!isWhole || (await settledWithin(clock, ended, restartPauseMs)) !== 'resolved') {
      held?.takeAll();
      return false;
    }
    for (const stream of streams) take(stream, splitters[stream].flush(clock.now().getTime()));
    deliver(held?.takeAll() ?? []);
    return hasOrder;
  }

  /** Each line that no earlier call and not the attachment has delivered. */
  async function readLog(ended: Promise<unknown>, canFollow: boolean): Promise<void> {
    const inLog = { stdout: 0, stderr: 0 };
    const reader = createLogReader(daemon, container, { ...position }, (stream, lines, isNew) => {
      const unseen = lines.slice(Math.max(0, seen[stream] - inLog[stream]));
      inLog[stream] += lines.length;
      see(stream, unseen);
      if (isNew) deliver(lines);
    });
    stopReading = reader.stop;
    await readWhileRunning(reader, ended, canFollow);
    if ((await settledWithin(clock, ended, 0)) === 'resolved') await readWhole(reader);
  }

  /** The end of a log that is followed says nothing: an engine that restarts, or has a bad moment, ends it as well. */
  async function readWhileRunning(
    reader: LogReader,
    ended: Promise<unknown>,
    canFollow: boolean,
  ): Promise<void> {
    while (!abandoned.signal.aborted && (await settledWithin(clock, ended, 0)) === 'pending') {
      let lastMs = clock.monotonicMs();
      const room = async () => {
        lastMs = clock.monotonicMs();
        await delivery.hasRoom(Number.POSITIVE_INFINITY);
        lastMs = clock.monotonicMs();
      };
      const read = new AbortController();
      const watchdog = whenSilent(ended, () => lastMs, read.signal, reader.stop);
      try {
        await reader.read({ follow: canFollow }, room);
      } catch (error) {
        // It is read again, whatever it was; once the container has ended for the last time.
        if (!abandoned.signal.aborted)
          logger.debug({ container, error: messageOf(error) }, 'a log broke off');
      } finally {
        read.abort();
        await watchdog;
      }
      await settledWithin(clock, ended, canFollow ? restartPauseMs : pollMs, abandoned.signal);
    }
  }

  /** Only what is read after the end is whole, and only when the newest entry is among it. */
  async function readWhole(reader: LogReader): Promise<void> {
    for (let reading = 1; !abandoned.signal.aborted; reading += 1) {
      try {
        if (await isWhole(reader)) return reader.finish();
        await reader.read({ follow: false }, () => delivery.hasRoom(Number.POSITIVE_INFINITY));
        if (await isWhole(reader)) return reader.finish();
      } catch (error) {
        if (abandoned.signal.aborted) return;
        if (reading >= maxReadings) throw error;
      }
      if (reading >= maxReadings) {
        throw new AppError(
          'backend_failed',
          `${daemon.name} does not give the whole log of the step's container.`,
        );
      }
      await clock.sleep(restartPauseMs, abandoned.signal);
    }
  }

  async function isWhole(reader: LogReader): Promise<boolean> {
    // An empty answer is not believed where something was printed.
    return (await reader.isAtEnd()) && (!reader.isEmpty() || !attachment?.hasSeenOutput());
  }

  /** Calls `act` once the container has ended and nothing has come for a while. */
  async function whenSilent(
    ended: Promise<unknown>,
    lastMs: () => number,
    over: AbortSignal,
    act: () => void,
  ): Promise<void> {
    await settledWithin(clock, ended, Number.POSITIVE_INFINITY, over);
    while (!over.aborted) {
      const leftMs = lastMs() + drainSilenceMs - clock.monotonicMs();
      if (leftMs <= 0) return act();
      await clock.sleep(leftMs, over);
    }
  }

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
      const isRead = attachment && seesAll && (await readAttached(attachment, ended));
      if (!isRead) await readLog(ended, daemon.name === 'Docker');
      await delivery.flush();
    },
    async abandon() {
      abandoned.abort();
      unfinished.stop();
      stopReading();
      attachment?.close();
      await delivery.stop();
    },
  };
}
