import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { JobReport } from '../model/job';
import type { OutputLine } from '../model/log-line';
import type { Logger } from '../model/logger';
import type { ControlPlane, HeldJob } from './control-plane';
import { retry } from './retry';

/** Reports and lines of a step, sent in order, each until the control plane has acknowledged it. */
export interface Outbox {
  enqueue(report: JobReport): void;
  /**
   * Resolves while there is room: else when the control plane has taken some. So a control plane that is away
   * stops the reading of output, not the step: Docker keeps on disk what is not read yet.
   */
  push(lines: readonly OutputLine[]): Promise<void>;
  /** Resolves when everything has arrived, or nothing will any more. */
  flush(): Promise<void>;
}

const batchBytes = 512 * 1024;
const batchLines = 2_000;
const maxHeldBytes = 2 * 1024 * 1024;
const lineOverhead = 64;

/**
 * `signal` ends when the job is not ours any more: what is left is dropped, and so is what comes. `onRefused` is to
 * see to that when the control plane says so.
 */
export function createOutbox(
  deps: { clock: Clock; logger: Logger; plane: Pick<ControlPlane, 'report' | 'sendLines'> },
  held: HeldJob,
  ackedSeq: number,
  signal: AbortSignal,
  onRefused: (reason: string) => void,
): Outbox {
  const { plane } = deps;
  const queue: (JobReport | OutputLine)[] = [];
  let sentSeq = ackedSeq;
  let heldBytes = 0;
  let sending: Promise<void> | null = null;
  let waiting: (() => void)[] = [];

  async function send(): Promise<void> {
    try {
      while (queue.length > 0 && !signal.aborted) {
        const [head] = queue;
        if (head && isReport(head)) {
          queue.shift();
          await retry(deps, 'a state could not be reported', signal, () => plane.report(held, head));
        } else await sendLines();
        makeRoom();
      }
    } catch (error) {
      if (!signal.aborted) onRefused(messageOf(error));
    } finally {
      sending = null;
      makeRoom();
    }
  }

  async function sendLines(): Promise<void> {
    const lines = nextLines(queue);
    const acked = await retry(deps, 'lines could not be sent', signal, () =>
      plane.sendLines(held, sentSeq + 1, lines),
    );
    // It says what it has: anything behind that goes again.
    const taken = Math.max(0, Math.min(acked - sentSeq, lines.length));
    queue.splice(0, taken);
    for (const line of lines.slice(0, taken)) heldBytes -= line.text.length + lineOverhead;
    sentSeq += taken;
  }

  function makeRoom(): void {
    const going = waiting;
    waiting = [];
    for (const go of going) go();
  }

  function start(): void {
    if (!signal.aborted) sending ??= send();
  }

  signal.addEventListener('abort', makeRoom, { once: true });

  return {
    enqueue(report) {
      const last = queue.at(-1);
      // Only the last unsent phase and the last unfinished lines matter.
      if (queue.length > 1 && last && isReport(last) && replaces(report, last)) queue.pop();
      queue.push(report);
      start();
    },
    async push(lines) {
      if (signal.aborted) return;
      for (const line of lines) {
        heldBytes += line.text.length + lineOverhead;
        queue.push(line);
      }
      start();
      while (heldBytes > maxHeldBytes && !signal.aborted) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    async flush() {
      while (sending) await sending;
    },
  };
}

function nextLines(queue: readonly (JobReport | OutputLine)[]): OutputLine[] {
  const lines: OutputLine[] = [];
  let bytes = 0;
  for (const each of queue) {
    if (isReport(each) || lines.length === batchLines || bytes >= batchBytes) break;
    lines.push(each);
    bytes += each.text.length;
  }
  return lines;
}

function isReport(each: JobReport | OutputLine): each is JobReport {
  return 'state' in each;
}

function replaces(report: JobReport, last: JobReport): boolean {
  if (report.unfinished) return last.unfinished !== undefined;
  return isPhase(last) && isPhase(report);
}

function isPhase({ state, restarted }: JobReport): boolean {
  return state !== 'running' && state !== 'ready' && !restarted;
}
