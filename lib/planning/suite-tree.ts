import type { Dependency } from '../model/dependency';
import type { Suite } from '../suites/suite';

/** The dependencies of a suite, resolved and checked, by alias, each with its own dependencies. */
export type SuiteChildren = ReadonlyMap<string, SuiteChild>;

export interface SuiteChild {
  suite: Suite;
  children: SuiteChildren;
  dependency: Dependency;
  /** The resolved ref: a commit for a tag. */
  resolved: string;
}

export const noChildren: SuiteChildren = new Map();

/** A suite's id without the version that a folder's name gives it. */
export function bareId(id: string): string {
  const at = id.indexOf('@');
  return at < 0 ? id : id.slice(0, at);
}
