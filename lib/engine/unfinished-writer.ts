import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { LogStream, UnfinishedLine } from '../model/log-line';
import type { Logger } from '../model/logger';
import type { Masker } from '../model/masker';
import type { LogStore } from '../store/store';

/** Keeps what an attempt prints without ending its line where people who watch can see it. */
export interface UnfinishedWriter {
  see(line: UnfinishedLine): void;
  /** Takes away what is there. Resolves when nothing is under way; never rejects. */
  end(): Promise<void>;
}

/** From one save to the next: progress that is rewritten is to look alive, not to keep a database busy. */
const pauseMs = 200;

/** A store that is away or slow costs people the sight of these lines, and the step nothing. */
export function createUnfinishedWriter(
  { clock, logger, logs }: { clock: Clock; logger: Logger; logs: Pick<LogStore, 'saveUnfinished'> },
  { executionId, stepId, attempt, masker, isAdopted, abandoned }: Target,
): UnfinishedWriter {
  const lines = new Map<LogStream, string>();
  const over = new AbortController();
  /** What whoever began the attempt has shown may be there still. */
  let isChanged = isAdopted;
  let isShown = isAdopted;
  let saving: Promise<void> | null = null;

  async function save(): Promise<void> {
    while (isChanged) {
      isChanged = false;
      const shown = [...lines]
        // Without the end of a text that may be the beginning of a secret.
        .map(([stream, text]) => ({ stream, text: masker.stream().push(text) }))
        .filter(({ text }) => text !== '');
      try {
        isShown ||= shown.length > 0;
        await logs.saveUnfinished(executionId, stepId, attempt, shown);
        isShown = shown.length > 0;
      } catch (error) {
        logger.debug(
          { execution: executionId, step: stepId, error: messageOf(error) },
          'unfinished lines could not be shown',
        );
      }
      await clock.sleep(pauseMs, over.signal);
    }
    saving = null;
  }

  if (isChanged) saving = save();
  return {
    see({ stream, text }) {
      if (over.signal.aborted) return;
      lines.set(stream, text);
      isChanged = true;
      saving ??= save();
    },
    async end() {
      if (over.signal.aborted) return;
      over.abort();
      // Whoever owns the execution by then shows lines of its own.
      isChanged = isShown && !abandoned.aborted;
      lines.clear();
      if (isChanged) saving ??= save();
      await saving;
    },
  };
}

interface Target {
  executionId: string;
  stepId: string;
  attempt: number;
  masker: Masker;
  isAdopted: boolean;
  /** Ends when the execution is no longer ours: nothing is written any more. */
  abandoned: AbortSignal;
}
