/** How long what has ended is kept; null: for ever. */
export interface RetentionRules {
  /** Logs and artifacts, in days since the execution's end. */
  outputDays: number | null;
  /** Executions with all that belongs to them, in days since their end. */
  days: number | null;
  /** The newest ended executions. */
  count: number | null;
  /** Entries of the audit log, in days. */
  auditDays: number | null;
  /** Results of test cases, in days. They may be kept longer than their executions. */
  caseDays: number | null;
}
