import type { CaseIdentity, CaseStatus, TestCase, TestFormat, TestReport } from '../../../model/report';
import { hasFailed } from '../../../model/test-case';
import { maxOutput } from './bounded-text';
import { stableName, stablePath } from './stable-path';
import { tellingLine } from './telling-line';

/** A case as the reader of a format hands it over. */
export interface FoundCase {
  file?: string | null;
  path?: string[];
  className?: string | null;
  name: string;
  parameters?: CaseIdentity['parameters'];
  status: CaseStatus;
  durationMs?: number | null;
  /** The tool's own text; its first line that tells something becomes the message of the case. */
  message?: string | null;
  type?: string | null;
  /** Text that explains a failure, such as a trace. */
  details?: string;
  /** Captured output. */
  printed?: string;
  attempts?: FoundAttempt[];
  isTentative?: boolean;
}

export type FoundAttempt = Pick<FoundCase, 'status' | 'durationMs' | 'message' | 'details' | 'printed'>;

/** Gathers the cases of a report in their order, with their outputs in bounded memory. */
export interface ReportBuilder {
  /** Answers the case, which its reader may still change. */
  add(found: FoundCase): TestCase;
  /** Removes a case that has become an attempt of another one. */
  drop(given: TestCase): void;
  readonly count: number;
  /** `damage`: why some of the file could not be read. */
  finish(damage: string | null): TestReport;
}

/** Limits for the outputs of all cases of a report, in characters. Failing cases have a share of their own. */
const maxOutputs = { failing: 4 * 1024 * 1024, other: 2 * 1024 * 1024 };
const maxName = 2_000;
const noParameters = {};
const leftOut = 'Its output is left out: the report has too much of it. The file is among the artifacts.';

export function createReportBuilder(format: TestFormat): ReportBuilder {
  const cases: TestCase[] = [];
  const outputs: string[] = [];
  const dropped = new Set<TestCase>();
  const used = { failing: 0, other: 0 };
  let leftOutAt: number | null = null;

  const keep = (text: string, status: CaseStatus): number | null => {
    if (text.trim() === '') return null;
    const share = hasFailed({ status }) || status === 'warned' ? 'failing' : 'other';
    const kept = text.length > 2 * maxOutput ? text.slice(0, 2 * maxOutput) : text;
    if (used[share] + kept.length > maxOutputs[share]) {
      if (share === 'other') return null;
      leftOutAt ??= outputs.push(leftOut) - 1;
      return leftOutAt;
    }
    used[share] += kept.length;
    outputs.push(kept);
    return outputs.length - 1;
  };

  const attempt = (found: FoundAttempt, names: readonly string[]) => {
    const { status, message, details = '', printed = '' } = found;
    const hasText = Boolean(message || details || printed);
    return {
      status,
      durationMs: found.durationMs ?? null,
      message: status !== 'passed' && hasText ? tellingLine([message ?? '', details, printed], names) : null,
      output: hasText ? keep(joinOutput(message ?? '', details, printed), status) : null,
    };
  };

  return {
    add(found) {
      const name = limit(stableName(found.name.trim()) || 'unnamed');
      const path = found.path?.map((part) => limit(stableName(part))).filter((part) => part !== '') ?? [];
      const className = found.className ? limit(stableName(found.className)) : null;
      const names = found.status === 'passed' ? [] : namesOf(name, className, path);
      const { message, output, durationMs } = attempt(found, names);
      const added: TestCase = {
        file: found.file ? limit(stablePath(found.file)) : null,
        path,
        className: repeats(className, name, path) ? null : className,
        name,
        parameters: found.parameters ?? noParameters,
        status: found.status,
        durationMs,
        message: message ?? (found.status === 'passed' ? null : (found.type ?? null)),
        output,
        type: found.type || null,
        attempts: found.attempts?.map((each) => attempt(each, names)) ?? [],
      };
      if (found.isTentative) added.isTentative = true;
      cases.push(added);
      return added;
    },
    drop: (given) => void dropped.add(given),
    get count() {
      return cases.length - dropped.size;
    },
    finish: (damage) => ({
      format,
      cases: dropped.size > 0 ? cases.filter((each) => !dropped.has(each)) : cases,
      outputs,
      damage,
    }),
  };
}

/** Texts that only repeat which case it is. */
function namesOf(name: string, className: string | null, path: readonly string[]): string[] {
  return [name, `${className}::${name}`, `${className}.${name}`, `${path.at(-1)}::${name}`];
}

/** A message of one line is shown anyway; and many tools repeat it at the beginning of their text. */
function joinOutput(message: string, details: string, printed: string): string {
  const isShown = !message.trim().includes('\n') || details.includes(message.trim());
  return [isShown ? '' : message, details, printed]
    .map((part) => part.replace(/^\s*\n/, '').trimEnd())
    .filter((part) => part !== '')
    .join('\n');
}

/** Some writers put the title, or the suite, into the class as well. */
function repeats(className: string | null, name: string, path: readonly string[]): boolean {
  return (
    className !== null && (className === name || path.includes(className) || className === path.join('.'))
  );
}

function limit(text: string): string {
  return text.length > maxName ? `${text.slice(0, maxName)}…` : text;
}
