import { Parser, type Result } from 'tap-parser';
import { BoundedText } from '../cases/bounded-text';
import { createReportBuilder, type FoundCase } from '../cases/report-builder';
import { fieldsOf, numberOf, textOf } from '../input/json-values';
import type { ReportReader } from '../report-reader';

const maxDepth = 50;

/**
 * Reads TAP 12 to 14. The line of a subtest is no case of its own, unless it failed though nothing in it did. A todo that
 * fails is an expected failure; one that passes is a warning.
 */
export function createTapReader(): ReportReader {
  const builder = createReportBuilder('tap');
  const parser = new Parser({ omitVersion: true });
  let hasTests = false;
  let bailed: string | null = null;
  let missing = 0;
  let hasPlan = false;
  /** The last test, which comments after its line belong to. */
  let pending: { found: FoundCase; more: BoundedText } | null = null;

  const flush = () => {
    if (!pending) return;
    const { found, more } = pending;
    pending = null;
    builder.add(found.status === 'failed' ? { ...found, printed: more.toString() } : found);
  };
  const addMore = (line: string) => pending?.more.add(line.replace(/^# ?/, ''));

  const follow = (level: Parser, path: readonly string[]) => {
    /** The subtest that has just ended, until the line for it as a whole comes. */
    let child: { name: string; failed: number; count: number } | null = null;
    let failed = 0;
    let count = 0;
    level.on('extra', addMore);
    level.on('comment', addMore);
    level.on('child', (nested: Parser) => {
      flush();
      const inner = path.length < maxDepth ? follow(nested, [...path, nameOf(nested)]) : null;
      nested.on('complete', () => {
        child = { name: nameOf(nested), failed: inner?.failed() ?? 0, count: inner?.count() ?? 0 };
      });
    });
    level.on('assert', (result: Result) => {
      hasTests = true;
      flush();
      const nested = child;
      child = null;
      failed += nested?.failed ?? 0;
      count += nested?.count ?? 0;
      const isGroup = nested !== null && nested.count > 0 && nested.name === nameOf(result);
      if (isGroup && (result.ok || nested.failed > 0)) return;
      const status = statusOf(result);
      if (status === 'failed') failed += 1;
      count += 1;
      const reason = [result.skip, result.todo].find((given) => typeof given === 'string' && given !== '');
      const diagnosis = describe(result.diag);
      const found: FoundCase = {
        name: nameOf(result) || `test ${result.id}`,
        path: [...path],
        status,
        durationMs: numberOf(result.time) ?? numberOf(fieldsOf(result.diag).duration_ms),
        message: status === 'failed' ? diagnosis.message : textOf(reason) || diagnosis.message,
        details: diagnosis.details,
      };
      pending = { found, more: new BoundedText(16_384) };
    });
    level.on('bailout', (reason: string) => {
      bailed ??= reason || 'no reason is given';
    });
    level.on('complete', (results) => {
      const { plan } = results;
      const planned = plan?.end === null || plan?.end === undefined ? 0 : plan.end - (plan.start ?? 1) + 1;
      if (level === parser) missing = Math.max(planned - results.count, 0);
    });
    return { failed: () => failed, count: () => count };
  };
  follow(parser, []);

  return {
    write(text) {
      hasPlan ||= /^\s*\d+\.\.\d+/m.test(text);
      parser.write(text);
    },
    end() {
      parser.end();
      flush();
      if (bailed !== null) builder.add({ name: 'Bail out!', status: 'errored', message: bailed });
      if (missing > 0) {
        const name =
          missing === 1 ? '1 planned test that did not run' : `${missing} planned tests that did not run`;
        builder.add({ name, status: 'errored', message: 'the plan has more tests than the report' });
      }
      if (!hasTests && bailed === null && !hasPlan)
        throw new Error('expected lines such as "ok 1 - name" and a plan such as "1..3"');
      return builder.finish(null);
    },
  };
}

function nameOf({ name }: { name: string }): string {
  return name.replace(/^Subtest: /, '').replace(/^- /, '');
}

function statusOf({ ok, skip, todo }: Result): 'passed' | 'failed' | 'skipped' | 'warned' {
  if (skip !== false && skip !== undefined) return 'skipped';
  if (todo !== false && todo !== undefined) return ok ? 'warned' : 'skipped';
  return ok ? 'passed' : 'failed';
}

function describe(diag: unknown): { message: string; details: string } {
  const fields = fieldsOf(diag);
  const message = textOf(fields.error) || textOf(fields.message);
  const lines = Object.entries(fields)
    .filter(([key]) => !['duration_ms', 'type', 'location'].includes(key))
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return { message, details: typeof diag === 'string' ? diag : lines.join('\n') };
}
