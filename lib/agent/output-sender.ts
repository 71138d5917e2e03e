import type { ExecOutput } from '../backends/backend';
import type { OutputLine } from '../model/log-line';
import type { Outbox } from './outbox';

/** Output that is not cut into lines, on its way as it comes. */
export interface OutputSender {
  enqueue(output: ExecOutput): void;
  /** Resolves when everything has arrived, or nothing will any more. */
  sent(): Promise<void>;
}

const maxChunkLength = 64 * 1024;

/** The first piece goes at once; what comes while something is on its way goes together after it. */
export function createOutputSender(
  outbox: Pick<Outbox, 'push' | 'flush'>,
  nowMs: () => number,
): OutputSender {
  let waiting: OutputLine[] = [];
  let sending: Promise<void> | null = null;

  async function send(): Promise<void> {
    while (waiting.length > 0) {
      const chunks = waiting;
      waiting = [];
      await outbox.push(chunks);
      await outbox.flush();
    }
    sending = null;
  }

  return {
    enqueue({ stream, text }) {
      if (text === '') return;
      const last = waiting.at(-1);
      if (last?.stream === stream && last.text.length < maxChunkLength) last.text += text;
      else waiting.push({ stream, atMs: nowMs(), text });
      sending ??= send();
    },
    sent: async () => {
      await sending;
    },
  };
}
