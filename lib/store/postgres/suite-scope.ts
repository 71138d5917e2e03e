import type { ISql } from 'postgres';
import type { SuiteScope } from '../../model/suite-right';

/** An `and …` condition on a column of suite ids; empty without a scope. */
export function inScope(sql: ISql, column: string, scope: SuiteScope | null | undefined) {
  if (!scope) return sql``;
  const id = sql.unsafe(column);
  /** The same rule as `matchesSuite`. */
  const matches = (patterns: readonly string[]) => {
    const ofAllVersions = patterns.filter((pattern) => !pattern.includes('@'));
    return sql`(${id} like any(${patterns.map(toLike)}::text[])
      or split_part(${id}, '@', 1) like any(${ofAllVersions.map(toLike)}::text[]))`;
  };
  return sql`and (not ${matches(scope.except)} or ${matches(scope.also)})`;
}

function toLike(pattern: string): string {
  return pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
}
