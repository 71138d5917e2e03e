import type { CaseStatus } from '../../../model/report';
import { BoundedText, maxOutput } from '../cases/bounded-text';
import type { FoundAttempt, FoundCase } from '../cases/report-builder';
import type { ReadTime } from '../cases/seconds';
import type { Attributes } from '../input/xml-reader';

/** A `testcase` while it is read. */
export interface JunitCase {
  attributes: Attributes;
  time: ReadTime;
  failures: number;
  errors: number;
  skips: readonly Attributes[];
  warnings: number;
  /** The first failure or error. */
  wrong: { message: string; type: string } | null;
  // Most cases of a large report have no text at all.
  skipText: BoundedText | null;
  details: BoundedText | null;
  printed: BoundedText | null;
  /** Surefire writes each try as an element of its own. */
  tries: readonly Try[];
}

interface Try {
  kind: 'flaky' | 'rerun';
  status: 'failed' | 'errored';
  message: string;
  text: BoundedText;
}

const noTries: readonly Try[] = [];
const noSkips: readonly Attributes[] = [];

export function startCase(attributes: Attributes, time: ReadTime): JunitCase {
  return {
    attributes,
    time,
    failures: 0,
    errors: 0,
    skips: noSkips,
    warnings: 0,
    wrong: null,
    skipText: null,
    details: null,
    printed: null,
    tries: noTries,
  };
}

/** Takes a child element of the case, and answers where its text goes; null: nowhere. */
export function openChild(into: JunitCase, name: string, attributes: Attributes): BoundedText | null {
  switch (name) {
    case 'failure':
    case 'error':
    case 'warning':
      if (name === 'failure') into.failures += 1;
      if (name === 'error') into.errors += 1;
      if (name === 'warning') into.warnings += 1;
      into.wrong ??= { message: attributes.message ?? '', type: attributes.type ?? '' };
      into.details ??= new BoundedText(maxOutput / 2);
      if (!into.details.isEmpty) into.details.add('\n');
      return into.details;
    case 'skipped':
      into.skips = [...into.skips, attributes];
      into.skipText ??= new BoundedText(4_096);
      return into.skipText;
    case 'system-out':
    case 'system-err':
      into.printed ??= new BoundedText(maxOutput / 2);
      if (!into.printed.isEmpty) into.printed.add('\n');
      return into.printed;
    case 'flakyFailure':
    case 'flakyError':
    case 'rerunFailure':
    case 'rerunError': {
      const text = new BoundedText(16_384);
      const added: Try = {
        kind: name.startsWith('flaky') ? 'flaky' : 'rerun',
        status: name.endsWith('Error') ? 'errored' : 'failed',
        message: attributes.message || attributes.type || '',
        text,
      };
      into.tries = [...into.tries, added];
      return text;
    }
    default:
      return null;
  }
}

/** The case by its own elements, without regard to the counts of its suite. */
export function foundCase(read: JunitCase): FoundCase {
  const { attributes, wrong, details, printed, time } = read;
  const status = statusOf(read);
  // Written out, because this is done for each of a hundred thousand cases.
  const found: FoundCase = {
    name: attributes.name ?? '',
    className: attributes.classname ?? attributes.class ?? null,
    file: attributes.file ?? null,
    path: undefined,
    parameters: undefined,
    status,
    durationMs: time.ms,
    message: wrong && status !== 'skipped' ? wrong.message : skipReason(read),
    type: wrong?.type || null,
    details: details?.toString(),
    printed: printed?.toString(),
    attempts: undefined,
    isTentative: isTentative(read),
  };
  return read.tries.length === 0 ? found : withTries(found, read.tries);
}

/** Surefire writes the first try as the failure of the case, and the later ones as reruns of it. */
function withTries(found: FoundCase, tries: readonly Try[]): FoundCase {
  const flaky = tries.filter(({ kind }) => kind === 'flaky').map(toAttempt);
  if (found.status === 'passed') return { ...found, attempts: flaky };
  const { status, durationMs, message, details, printed } = found;
  const first: FoundAttempt = { status, durationMs, message, details, printed };
  const all = [...flaky, first, ...tries.filter(({ kind }) => kind === 'rerun').map(toAttempt)];
  const last = all.at(-1) ?? first;
  return { ...found, ...blankTry, ...last, attempts: all.slice(0, -1) };
}

const blankTry = { durationMs: null, message: null, details: undefined, printed: undefined };

function toAttempt({ status, message, text }: Try): FoundAttempt {
  return { status, message, details: text.toString() };
}

/** Statuses that writers give as an attribute, some of them without an element that says the same. */
const statusWords: ReadonlyMap<string, CaseStatus> = new Map([
  ...['notrun', 'disabled', 'skipped', 'skip', 'ignored', 'pending'].map(
    (word) => [word, 'skipped'] as const,
  ),
  ...['fail', 'failed', 'failure'].map((word) => [word, 'failed'] as const),
  ...['error', 'errored', 'broken'].map((word) => [word, 'errored'] as const),
]);

function statusOf(read: JunitCase): CaseStatus {
  if (read.failures > 0) return 'failed';
  if (read.errors > 0) return 'errored';
  if (read.skips.some(isCtestFailure(read.attributes))) return 'errored';
  if (read.skips.length > 0) return 'skipped';
  if (read.warnings > 0) return 'warned';
  return statusWords.get(read.attributes.status?.toLowerCase() ?? '') ?? 'passed';
}

/** ctest writes tests that it could not run as skipped, and fails because of them. */
const ctestFailures: ReadonlySet<string> = new Set([
  'Failed to change working directory',
  'Failed to start',
  'Fixture dependency failed',
  'Insufficient resources',
  'Required Files Missing',
  'Unable to find executable',
]);

function isCtestFailure({ status }: Attributes): (skip: Attributes) => boolean {
  return ({ message }) => status === 'notrun' && ctestFailures.has(message ?? '');
}

function skipReason(read: JunitCase): string | null {
  if (read.skips.length === 0) return null;
  const given = read.skips.map(({ message, type }) => message || type || '').find((text) => text !== '');
  return [given ?? '', read.skipText?.toString() ?? ''].filter((text) => text.trim() !== '').join('\n');
}

/**
 * Errors that their tool writes also where it does not fail because of them: PHPUnit's risky tests and warnings, and a
 * todo that passes in Perl's TAP formatter.
 */
const tentativeTypes: ReadonlySet<string> = new Set([
  'PHPUnit\\Framework\\RiskyTestError',
  'PHPUnit\\Framework\\RiskyTest',
  'PHPUnit\\Framework\\Warning',
  'TodoTestSucceeded',
]);

function isTentative({ wrong, failures, errors }: JunitCase): boolean {
  return failures === 0 && errors > 0 && tentativeTypes.has(wrong?.type ?? '');
}

/** The writer itself says that the failure was expected: a todo, or one that may or should fail. */
export function isExpectedToFail({ skips }: JunitCase): boolean {
  return skips.some(
    ({ type, message }) => type === 'todo' || /tagged with !(?:may|should)fail/.test(message ?? ''),
  );
}
