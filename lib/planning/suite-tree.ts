import type { Dependency } from '../model/dependency';
import type { Suite } from '../model/suite';

/** What a suite depends on, found and checked, by alias; and what that depends on. */
export type SuiteChildren = ReadonlyMap<string, SuiteChild>;

export interface SuiteChild {
  suite: Suite;
  children: SuiteChildren;
  dependency: Dependency;
  /** What the ref was resolved to: a commit for a tag. */
  resolved: string;
}

export const noChildren: SuiteChildren = new Map();

/** A suite's id without the version that a folder's name gives it. */
export function bareId(id: string): string {
  const at = id.indexOf('@');
  return at < 0 ? id : id.slice(0, at);
}
