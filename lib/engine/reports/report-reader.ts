import type { Report } from '../../model/report';

/** Reads one report of one format, given as text piece by piece. */
export interface ReportReader {
  write(text: string): void;
  /** Throws an Error with a sentence when there is nothing of the format in it. */
  end(): Report;
}
