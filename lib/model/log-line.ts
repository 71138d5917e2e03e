import { z } from 'zod';
import { timestamp } from './execution';

/** `system` lines are Gantry's own: probe transcripts, pulls, stops. */
export const logStream = z.enum(['stdout', 'stderr', 'system']);
export type LogStream = z.infer<typeof logStream>;

export const logLine = z.object({
  /** Number from 1 without gaps within the execution. */
  seq: z.int().min(1),
  at: timestamp,
  stepId: z.string(),
  attempt: z.int(),
  stream: logStream,
  text: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

/** A line as a backend hands it over, before it has a number. Without its line ending. */
export interface OutputLine {
  stream: LogStream;
  /** Milliseconds since the epoch. */
  atMs: number;
  text: string;
}

/** The text of a stream since its last line end; empty once that line has ended. */
export const unfinishedLine = z.object({ stream: logStream, text: z.string().max(20_000) });
export type UnfinishedLine = z.infer<typeof unfinishedLine>;

/** An unfinished line as people see it: of an attempt that runs. */
export const unfinishedStepLine = z.object({
  stepId: z.string(),
  attempt: z.int(),
  stream: logStream,
  text: z.string(),
});
export type UnfinishedStepLine = z.infer<typeof unfinishedStepLine>;

/** Lines that one attempt has already stored, by stream: where a reader goes on after a restart. */
export interface LogPosition {
  stdout: number;
  stderr: number;
  /** For readers of logs whose beginning may be gone; null for a stream of which nothing is stored. */
  ends?: Record<'stdout' | 'stderr', StreamEnd | null>;
}

/** The last stored lines of a stream: their time, and how many have this very one. */
export interface StreamEnd {
  /** Milliseconds since the epoch. */
  atMs: number;
  lines: number;
}

/** A part of one step's lines. `row` counts them from 1; `around` is a line's seq, for the middle of the part. */
export interface LogWindow {
  stepId: string;
  attempt?: number | undefined;
  row?: number | undefined;
  around?: number | undefined;
  limit: number;
}

export interface StepLines {
  lines: LogLine[];
  /** Of the first of these lines, from 1. */
  row: number;
  /** How many lines the step, or its attempt, has. */
  total: number;
  /** The newest line of the execution. */
  lastSeq: number;
  isClosed: boolean;
}

export interface LogPage {
  lines: LogLine[];
  /** Every line up to this seq was considered. */
  scannedTo: number;
  /** The newest line there was: while `scannedTo` is less, there is more to read. */
  lastSeq: number;
  /** The execution had ended: no line will come after `lastSeq`. */
  isClosed: boolean;
}
