import type { Schedule, ScheduleFiring } from '../model/schedule';

/** The person or API token by whose right a schedule launches, by id. */
export interface ScheduleMaker {
  kind: 'person' | 'token';
  id: string;
}

/**
 * `nextAt`: the planned time that comes next; `dueAt`: the same with the jitter. Both null: it is off. `maker`: who saved
 * it last; null if a file declares it, or if it was saved before this was recorded.
 */
export interface StoredSchedule extends Schedule {
  maker: ScheduleMaker | null;
  nextAt: string | null;
  dueAt: string | null;
}

/** A schedule as a suite's file declares it, with the time that would come next. */
export type DeclaredSchedule = Pick<
  Schedule,
  'id' | 'name' | 'profile' | 'backend' | 'cron' | 'timeZone' | 'jitterSeconds' | 'whenRunning' | 'whenMissed'
> & { next: NextTime | null };

/** The suite whose file declares schedules; `folder` is the name of its folder. */
export interface DeclaringSuite {
  suiteId: string;
  folder: string;
  /** The file, such as `suite.yaml`. */
  file: string;
  /** Of all that it declares. Files that declare the same have the same. */
  digest: string;
}

export interface NextTime {
  nextAt: string;
  dueAt: string;
}

/**
 * Schedules and their firings: a firing is a planned time that has come. A schedule that its file has withdrawn is in none
 * of the answers.
 */
export interface ScheduleStore {
  /** In order of name. */
  list(): Promise<StoredSchedule[]>;
  get(id: string): Promise<StoredSchedule | null>;
  /** Writes a new one, or one that is there; false when `old` is not there. */
  save(schedule: StoredSchedule, expected: 'new' | 'old'): Promise<boolean>;
  /**
   * Turns a declared one on or off; `changedAt` is that of the schedule as the caller knows it. False, and nothing is
   * written, when it is not there or was changed meanwhile.
   */
  setEnabled(
    id: string,
    knownChangedAt: string,
    change: Pick<StoredSchedule, 'enabled' | 'nextAt' | 'dueAt' | 'changedAt' | 'changedBy'>,
  ): Promise<boolean>;
  /**
   * Makes the declared schedules of a suite those that its file has now, and resolves with how many were written and
   * withdrawn. One that is there keeps its history and whether it is on, and its next time unless its times changed; so
   * does one that was withdrawn as unseen.
   */
  declare(
    suite: DeclaringSuite,
    schedules: readonly DeclaredSchedule[],
    at: string,
  ): Promise<{ written: number; withdrawn: number }>;
  /**
   * Records that suites were found, those whose files cannot be read by the names of their folders. What counts of a
   * suite is what was declared last: it is seen by those that find the same, and not by those that find something else.
   * Resolves with the ids of found suites of which nothing counts any more, or something else that nobody has seen for
   * `unseenMs`.
   */
  markSeen(
    found: readonly { suiteId: string; digest: string; declares: boolean }[],
    folders: readonly string[],
    unseenMs: number,
  ): Promise<string[]>;
  /**
   * Withdraws the declared schedules that no control plane has seen for `unseenMs`, and resolves with how many. Removes
   * those that were withdrawn `forgottenMs` ago.
   */
  withdrawUnseen(unseenMs: number, forgottenMs: number): Promise<number>;
  /** With its firings; false when it was not there. Executions stay. */
  remove(id: string): Promise<boolean>;
  /** The newest firing of each schedule that has one, by the schedule's id. */
  lastFirings(): Promise<ReadonlyMap<string, ScheduleFiring>>;
  /** The newest first; at least the last 500 are kept. */
  firings(id: string, limit: number): Promise<ScheduleFiring[]>;
  /** Those that are due at this time, the longest due first; without those of files unless `declared`. */
  due(at: string, limit: number, declared: boolean): Promise<StoredSchedule[]>;
  /**
   * Writes a firing and the time after it in one transaction. False, and nothing is written, when `from` is not the
   * planned time that comes next: another control plane has done so, or the schedule was changed. A firing that still
   * waits gives way to a new one that waits.
   */
  plan(
    id: string,
    from: string,
    firing: Pick<ScheduleFiring, 'plannedAt' | 'status' | 'reason'>,
    next: NextTime | null,
  ): Promise<boolean>;
  /**
   * Takes the oldest waiting firing of each schedule that no control plane holds; each is held for so long. None of those
   * that files declare unless `declared`.
   */
  claimWaiting(
    leaseMs: number,
    limit: number,
    declared: boolean,
  ): Promise<{ schedule: StoredSchedule; firing: ScheduleFiring }[]>;
  /** Records what came of a waiting firing. */
  settle(
    id: string,
    plannedAt: string,
    result: Pick<ScheduleFiring, 'status' | 'executionId' | 'reason'>,
  ): Promise<void>;
  /** Leaves a firing waiting, to be claimed again after so long. */
  postpone(id: string, plannedAt: string, reason: string, retryMs: number): Promise<void>;
  /** Executions of the schedule that have not ended. */
  unfinished(id: string): Promise<string[]>;
}
