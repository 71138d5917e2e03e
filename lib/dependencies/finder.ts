import type { DependencyRef, LockedDependency } from '../model/dependency';
import type { CatalogEntry, Suite } from '../model/suite';

/** A suite that something depends on, with its files at hand. */
export interface FoundSuite {
  entry: CatalogEntry & { suite: Suite };
  /** What the ref was resolved to: a commit for a tag, else the ref itself. */
  resolved: string;
}

export interface FindOptions {
  /** What it was locked to: files of that digest that are at hand need not be fetched again. */
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
