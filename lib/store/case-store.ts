import type {
  CaseInputs,
  CaseMute,
  CaseRecord,
  NewCaseReport,
  NumberedResult,
} from '../model/cases/case-record';
import type { SuiteScope } from '../model/suite-right';

/** A stored case with its newest results, oldest first. */
export interface StoredHistory {
  record: CaseRecord;
  mute: CaseMute | null;
  results: NumberedResult[];
  /** There are no earlier results. */
  isWhole: boolean;
}

export const caseSorts = ['name', 'flaky', 'slow', 'slower', 'newest_failure'] as const;
export type CaseSort = (typeof caseSorts)[number];

export interface CaseFilter {
  /** Only cases of these suites. */
  scope?: SuiteScope | null;
  suiteId?: string;
  stepId?: string;
  /** Part of the name, the class, a suite or the file; case-insensitive. */
  q?: string;
  /** Muted cases alone. */
  isMuted?: boolean;
  sort: CaseSort;
}

/** What may be told about the cases of an execution. */
export interface ChangedCases {
  /** Cases that failed in it or in the run before it under the same profile. */
  ids: string[];
  /** Cases whose first result is in it, though the step reported before. */
  newIds: string[];
  /** The newest report of the execution; null when it has none. */
  last: number | null;
}

/** The results of cases, remembered beyond their executions. */
export interface CaseStore {
  /**
   * Stores the results of a report in one transaction. A repeated call for the same execution, step, attempt and path
   * replaces them.
   */
  add(report: NewCaseReport): Promise<void>;
  /** Replaces the images of these steps in the reports of an execution. */
  setImages(executionId: string, images: CaseInputs['images']): Promise<void>;
  /**
   * The ids of cases that may belong into a list, best first: at most 20,000 by name or time, 500 by another order.
   * Lists by flakiness, newest failure or slowing hold what could be one of them by the last 100 reports of each step,
   * and by the newest 2,000 reports of all.
   */
  candidates(filter: CaseFilter): Promise<string[]>;
  /** In the order of `ids`; unknown ones are left out. `upTo`: without later reports. */
  histories(ids: readonly string[], length: number, upTo?: number): Promise<StoredHistory[]>;
  /** The oldest failure of the present streak, and the result before it, as far as 10,000 results go back. */
  streakStart(
    id: string,
  ): Promise<{ first: NumberedResult; before: NumberedResult | null; failures: number } | null>;
  /** Other cases that failed with this fingerprint in the newest 2,000 failures with it, newest first, at most 20. */
  sameFingerprint(
    fingerprint: string,
    id: string,
  ): Promise<{ record: CaseRecord; at: string; executionId: string }[]>;
  /** Cases of the report before `firstReport` of the same place that have no result since, when the case began there. */
  goneBefore(id: string): Promise<CaseRecord[]>;
  changedIn(executionId: string): Promise<ChangedCases>;
  mute(id: string, mute: Omit<CaseMute, 'createdAt'>): Promise<CaseMute | null>;
  /** False when it was not muted. */
  unmute(id: string): Promise<boolean>;
  /** Ids of the step's cases that are muted at this time. */
  muted(suiteId: string, stepId: string): Promise<ReadonlySet<string>>;
}
