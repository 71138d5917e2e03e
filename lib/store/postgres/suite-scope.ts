import type { ISql } from 'postgres';
import type { SuiteScope } from '../../model/suite-right';

/** `and …` for the suite ids in this column; without a scope all belong to it. */
export function inScope(sql: ISql, column: string, scope: SuiteScope | null | undefined) {
  if (!scope) return sql``;
  const id = sql.unsafe(column);
  const [except, also] = [scope.except.map(toLike), scope.also.map(toLike)];
  return sql`and (not ${id} like any(${except}::text[]) or ${id} like any(${also}::text[]))`;
}

function toLike(pattern: string): string {
  return pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
}
