import type { CaseAttempt, TestCase, TestReport } from '../../model/report';
import { caseSuite, hasFailed } from '../../model/test-case';
import { cleanText } from './input/clean-text';

/** A case with its tries in earlier attempts of the step, oldest first. */
export interface WrittenCase {
  testCase: TestCase;
  outputs: TestReport['outputs'];
  before: WrittenTry[];
}

export type WrittenTry = Pick<CaseAttempt, 'status' | 'message'> & { text: string; type: string };

export interface Counts {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
  timeMs: number;
}

/**
 * A `testcase`, its tries as Surefire writes them: of one that passed the failed tries are `flakyFailure`, of one that
 * did not the later tries are `rerunFailure`. Children stand in the order of Surefire's schema, version 3.0.
 */
export function writeCase({ testCase, outputs, before }: WrittenCase): string {
  const { status, durationMs, message, output } = testCase;
  const text = output === null ? '' : (outputs[output] ?? '');
  const type = testCase.type ?? '';
  const own = testCase.attempts.map((attempt) => ({
    ...attempt,
    type: '',
    text: attempt.output === null ? '' : (outputs[attempt.output] ?? ''),
  }));
  const tries = [...before, ...own];
  const attributes = {
    classname: caseSuite(testCase),
    name: testCase.name,
    time: durationMs === null ? '' : seconds(durationMs),
  };
  if (hasFailed(testCase)) {
    const last = { status, message, type, text };
    return element('testcase', attributes, writeFailedTries([...tries, last]));
  }
  const flaky = (of: 'failed' | 'errored', name: string) =>
    tries.filter((each) => each.status === of).map((each) => writeTry(name, each));
  return element('testcase', attributes, [
    ...(status === 'skipped' ? [] : flaky('failed', 'flakyFailure')),
    ...(status === 'skipped' ? [element('skipped', { message: message ?? '' })] : []),
    ...(status === 'skipped' ? [] : flaky('errored', 'flakyError')),
    ...(text ? [element('system-out', {}, [escapeXml(text)])] : []),
    ...(status === 'warned' ? [element('system-err', {}, [escapeXml(`warning: ${message ?? ''}`)])] : []),
  ]);
}

export function writeSuiteStart(
  name: string,
  counts: Counts,
  properties: Record<string, string | number>,
): string {
  const { timeMs, ...numbers } = counts;
  const listed = Object.entries(properties).map(([key, value]) => element('property', { name: key, value }));
  return `${startTag('testsuite', { name, time: seconds(timeMs), ...numbers })}\n${element('properties', {}, listed)}\n`;
}

export function writeRootStart(name: string, { tests, failures, errors, timeMs }: Counts): string {
  const attributes = { name, time: seconds(timeMs), tests, failures, errors };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${startTag('testsuites', attributes)}\n`;
}

/** The first of the tries that ended as the case did is its failure; the others are reruns. */
function writeFailedTries(tries: readonly WrittenTry[]): string[] {
  const status = tries.at(-1)?.status;
  const failed = tries.filter(hasFailed);
  const main = failed.find((each) => each.status === status);
  const reruns = (of: 'failed' | 'errored', name: string) =>
    failed.filter((each) => each !== main && each.status === of).map((each) => writeTry(name, each));
  const mainAs = (of: 'failed' | 'errored', name: string) =>
    main && status === of ? [element(name, reasonOf(main), [escapeXml(main.text)])] : [];
  return [
    ...mainAs('failed', 'failure'),
    ...reruns('failed', 'rerunFailure'),
    ...mainAs('errored', 'error'),
    ...reruns('errored', 'rerunError'),
  ];
}

function writeTry(name: string, given: WrittenTry): string {
  return element(name, reasonOf(given), [element('stackTrace', {}, [escapeXml(given.text)])]);
}

function reasonOf({ message, type, status }: WrittenTry): Record<string, string> {
  return { message: message ?? '', type: type || status };
}

function element(name: string, attributes: Record<string, string | number>, children: string[] = []): string {
  const inner = children.join('');
  const start = startTag(name, attributes);
  return inner === '' ? `${start.slice(0, -1)}/>` : `${start}${inner}</${name}>`;
}

function startTag(name: string, attributes: Record<string, string | number>): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeXml(String(value), true)}"`,
  );
  return `<${name}${written.join('')}>`;
}

function escapeXml(text: string, isAttribute = false): string {
  const escaped = cleanText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
  return isAttribute ? escaped.replaceAll('\n', '&#10;').replaceAll('\t', '&#9;') : escaped;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
