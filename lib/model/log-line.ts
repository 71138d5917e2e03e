import { z } from 'zod';
import { timestamp } from './execution';

/** `system` lines are Gantry's own: probe transcripts, pulls, stops. */
export const logStream = z.enum(['stdout', 'stderr', 'system']);
export type LogStream = z.infer<typeof logStream>;

export const logLine = z.object({
  /** From 1 without gaps within the execution. */
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

/** Lines that one attempt has already stored, by stream: where a reader goes on after a restart. */
export interface LogPosition {
  stdout: number;
  stderr: number;
}
