import type { DependencyRef, LockedDependency } from '../model/dependency';
import type { CatalogEntry, Suite } from '../suites/suite';

/** A suite that something depends on, with its files at hand. */
export interface FoundSuite {
  entry: CatalogEntry & { suite: Suite };
  /** The resolved ref: a commit for a tag, else the ref itself. */
  resolved: string;
}

export interface FindOptions {
  /** The locked digest: cached files with that digest need not be fetched again. */
  locked: LockedDependency | null;
  /** Only what is at hand. */
  offline: boolean;
}

/** Finds suites by ref. */
export interface DependencyFinder {
  /**
   * Rejects with AppError `dependency_invalid` when there is no such suite or it is not valid, and with
   * `dependency_unavailable` when the place where it is cannot be asked, or not offline.
   */
  find(ref: DependencyRef, options: FindOptions): Promise<FoundSuite>;
}
