import type {
  LogLine,
  LogPage,
  LogPosition,
  LogWindow,
  OutputLine,
  StepLines,
  UnfinishedLine,
  UnfinishedStepLine,
} from '../model/log-line';
import type { Fence } from './fence';

export interface LogFilter {
  stepId?: string;
  attempt?: number;
  stream?: LogLine['stream'];
  /** Lines that contain this text, case-insensitive. */
  q?: string;
  /** Lines that match this pattern in RE2 syntax, without their colours: see `compileLogPattern`. */
  pattern?: string;
}

export interface LogStore {
  /** Numbers the lines of one attempt, stores them as one chunk, and rings. Answers the seq of the last line. */
  append(
    id: string,
    stepId: string,
    attempt: number,
    lines: readonly OutputLine[],
    fence: Fence,
  ): Promise<number>;
  /**
   * Lines after `afterSeq` in order that pass the filter: at most `limit`, fewer when they are large (some 4 MB)
   * or when the filter had to look through very many. Rejects with `pattern_invalid` what is no pattern, and with
   * `bad_request` when the signal aborts while it looks.
   */
  read(
    id: string,
    afterSeq: number,
    limit: number,
    filter?: LogFilter,
    signal?: AbortSignal,
  ): Promise<LogPage>;
  /** Rejects with `pattern_invalid` what is no pattern: before the answer to a stream has begun. */
  checkPattern(pattern: string, signal?: AbortSignal): Promise<void>;
  /** Lines of a step by their row: at most `limit`, fewer when they are large (some 4 MB). */
  readStep(id: string, window: LogWindow): Promise<StepLines>;
  /**
   * Lines after `afterSeq` as a stream reads them: to the end of the chunk with which there are some 2,000 lines or
   * 1 MB, so that no chunk is taken apart twice.
   */
  readChunks(id: string, afterSeq: number): Promise<LogPage>;
  /**
   * Lines of an attempt that are stored, by stream, without `system` lines, and their ends; and the characters of all
   * its lines, line ends included.
   */
  position(id: string, stepId: string, attempt: number): Promise<LogPosition & { size: number }>;
  /** The newest line's seq, 0 when there is none. */
  lastSeq(id: string): Promise<number>;
  topic(id: string): string;
  /** Puts these in the place of all unfinished lines of the step, and rings `unfinishedTopic`. */
  saveUnfinished(
    id: string,
    stepId: string,
    attempt: number,
    lines: readonly UnfinishedLine[],
  ): Promise<void>;
  /** In the order of steps' ids; none once the execution has ended. */
  unfinished(id: string): Promise<UnfinishedStepLine[]>;
  unfinishedTopic(id: string): string;
}
