import type { ISql } from 'postgres';
import type { SuiteScope } from '../../model/suite-right';

/** `and …` for the suite ids in this column; without a scope all belong to it. */
export function inScope(sql: ISql, column: string, scope: SuiteScope | null | undefined) {
  if (!scope) return sql``;
  const id = sql.unsafe(column);
  /** As `matchesSuite` does it. */
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
