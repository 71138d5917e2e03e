import type { Clock } from '../../clock';
import type { OutputLine } from '../../model/log-line';
import type { LineDelivery } from '../line-delivery';
import { createLineSplitter } from '../line-splitter';
import type { UnfinishedLines } from '../unfinished-lines';
import type { Attachment } from './attachment';
import type { Daemon } from './daemon';
import type { FrameStream } from './frames';
import { createHeldLines } from './held-lines';
import type { OutputProgress } from './output-progress';
import { settledWithin } from './settled-within';
import { whenSilent } from './when-silent';

/** A receiver that takes longer must not stall the container: what is left is read from its log later. */
const stallLimitMs = 1_000;
/** From the end of a stream to the news that the container has ended. */
const restartPauseMs = 500;

const streams = ['stdout', 'stderr'] as const;

/** One container whose output is read by an attachment that saw its start. */
export interface AttachedContainer {
  attachment: Attachment;
  /** Settles when it has ended. */
  ended: Promise<unknown>;
  /** Sees what has no end yet. */
  unfinished: UnfinishedLines;
}

/** Delivers what comes by the attachment. Resolves with false when the rest has to be read from the log. */
export async function readAttached(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  { attachment, ended, unfinished }: AttachedContainer,
  progress: OutputProgress,
  delivery: LineDelivery,
): Promise<boolean> {
  const splitters = { stdout: createLineSplitter('stdout'), stderr: createLineSplitter('stderr') };
  const held = daemon.name === 'Docker' ? createHeldLines({ clock }, progress.deliver) : null;
  const read = new AbortController();
  const watchdog = whenSilent(clock, ended, () => attachment.lastChunkMs(), read.signal, attachment.close);
  let hasOrder = true;
  let onMixed = () => {};
  const mixed = new Promise<false>((resolve) => {
    onMixed = () => resolve(false);
  });

  function take(stream: FrameStream, lines: OutputLine[]): void {
    progress.see(stream, lines);
    if (!hasOrder) return;
    if (!held) progress.deliver(lines);
    else if (!held.add(stream, lines)) {
      hasOrder = false;
      held.takeAll();
      onMixed();
    }
  }

  const whole = attachment.read(
    (stream, payload) => {
      unfinished.push(stream, payload);
      take(stream, splitters[stream].push(payload, clock.now().getTime()));
    },
    () => (hasOrder ? delivery.hasRoom(stallLimitMs) : Promise.resolve(true)),
  );
  const isWhole = await Promise.race([whole, mixed]);
  read.abort();
  await watchdog;
  // A program may close its output and run on; an engine that restarts ends the stream as well.
  if (!isWhole || (await settledWithin(clock, ended, restartPauseMs)) !== 'resolved') {
    held?.takeAll();
    return false;
  }
  for (const stream of streams) take(stream, splitters[stream].flush(clock.now().getTime()));
  progress.deliver(held?.takeAll() ?? []);
  return hasOrder;
}
