import type { ReportSummary, TestCase } from '../../model/report';
import { suiteOf, wholeSuiteName } from './junit';
import { element, fromXml, readTree, toXml, writeTree, type XmlElement } from './xml-tree';

/** One report of a run, as it goes into the run's own file. */
export interface FragmentInput {
  /** Null: it is no longer there, and only what the step keeps of it can be told. */
  content: Uint8Array | null;
  summary: Extract<ReportSummary, { format: 'junit' }>;
  stepId: string;
  /** How many attempts the step had. */
  attempts: number;
  /** Cases that failed in earlier attempts. */
  earlier: { attempt: number; failed: TestCase }[];
}

/**
 * The test suites of a report as elements below `testsuites`: what its file says, with the step before the name of each
 * suite, and properties `gantry.*` that say where it is from and which cases are flaky. Blocks.
 */
export function junitFragment(input: FragmentInput): string {
  const suites = input.content ? fromFile(input.content, input) : [fromSummary(input)];
  const { summary, stepId, attempts } = input;
  for (const suite of suites) {
    addProperties(suite, {
      'gantry.step': stepId,
      'gantry.attempt': summary.attempt,
      'gantry.attempts': Math.max(attempts, summary.attempt),
      'gantry.file': summary.path,
    });
  }
  return suites.map((suite) => `${writeTree(suite)}\n`).join('');
}

function fromFile(content: Uint8Array, input: FragmentInput): XmlElement[] {
  const roots = readTree(new TextDecoder().decode(content));
  const suites = roots.flatMap((root) => {
    if (root.name === 'testsuites') return suitesOf(root, input.summary.path);
    return root.name === 'testsuite' ? [root] : [];
  });
  const flaky = new Map(input.earlier.map((each) => [keyOf(each.failed), each]));
  for (const suite of suites) finish(suite, '', input.stepId, flaky);
  return suites;
}

/** Cases that stand in `testsuites` itself, as Node's reporter writes them, get a suite of their own. */
function suitesOf(root: XmlElement, path: string): XmlElement[] {
  const suites = childrenOf(root, 'testsuite');
  const name = root.attributes.get('name');
  for (const suite of suites) if (name && !suite.attributes.get('name')) suite.attributes.set('name', name);
  const rest = childrenOf(root).filter((child) => child.name !== 'testsuite');
  if (rest.length === 0) return suites;
  const hasCases = rest.some((child) => ['testcase', 'failure', 'error'].includes(child.name));
  const [first] = suites;
  if (!hasCases && first) {
    first.children.push(...rest);
    return suites;
  }
  const own = element('testsuite', {}, rest);
  own.attributes.set('name', name ?? toXml(path));
  return [own, ...suites];
}

/** Gives a suite of a file, and those in it, their full names, and their counts where they have none. */
function finish(
  suite: XmlElement,
  outer: string,
  stepId: string,
  flaky: ReadonlyMap<string, FragmentInput['earlier'][number]>,
): void {
  const name = suite.attributes.get('name') || outer;
  for (const nested of childrenOf(suite, 'testsuite')) finish(nested, name, stepId, flaky);
  makeCaseOfWhole(suite, name);
  for (const each of childrenOf(suite, 'testcase')) {
    if (has(each, 'failure') || has(each, 'error') || has(each, 'skipped')) continue;
    const caseName = fromXml(each.attributes.get('name') ?? '') || 'unnamed';
    const className = fromXml(each.attributes.get('classname') ?? '');
    const before = flaky.get(keyOf({ suite: suiteOf(className, fromXml(name)), name: caseName }));
    if (before) addProperties(each, { 'gantry.flaky': flakyText(before) });
  }
  for (const [key, count] of Object.entries(countsOf(suite)))
    if (!suite.attributes.has(key)) suite.attributes.set(key, String(count));
  suite.attributes.set('name', [toXml(stepId), name].filter(Boolean).join(': '));
}

/** What fails a suite as a whole counts as a case of it, and few programs look for it outside of one. */
function makeCaseOfWhole(suite: XmlElement, name: string): void {
  const whole = childrenOf(suite).filter((child) => child.name === 'failure' || child.name === 'error');
  if (whole.length === 0) return;
  const added = element('testcase', { name: wholeSuiteName }, whole);
  added.attributes.set('classname', name);
  suite.children = [...suite.children.filter((child) => !whole.some((each) => each === child)), added];
}

function flakyText({ attempt, failed }: FragmentInput['earlier'][number]): string {
  const why = failed.message?.split('\n', 1)[0];
  return `${failed.status} in attempt ${attempt}${why ? `: ${why.slice(0, 500)}` : ''}`;
}

function countsOf(suite: XmlElement) {
  const cases = casesIn(suite);
  const count = (name: string) => cases.filter((each) => has(each, name)).length;
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  };
}

function casesIn(suite: XmlElement): XmlElement[] {
  return [...childrenOf(suite, 'testcase'), ...childrenOf(suite, 'testsuite').flatMap(casesIn)];
}

function fromSummary({ summary, stepId }: FragmentInput): XmlElement {
  const { path, total, failed, errored, skipped, durationMs, failures } = summary;
  const cases = failures.map(({ suite, name, status, message, output, durationMs: ms }) =>
    element('testcase', { classname: suite, name, time: ms === null ? null : seconds(ms) }, [
      element(status === 'failed' ? 'failure' : 'error', { message }, output ? [toXml(output)] : []),
    ]),
  );
  const counts = { tests: total, failures: failed, errors: errored, skipped, time: seconds(durationMs) };
  const note = `${path} could not be read any more: these are its counts and the first of its failing cases.`;
  return element('testsuite', { name: `${stepId}: ${path}`, ...counts }, [
    ...cases,
    element('system-out', {}, [toXml(note)]),
  ]);
}

export function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** After those that it has. */
function addProperties(to: XmlElement, values: Record<string, string | number>): void {
  const added = Object.entries(values).map(([name, value]) => element('property', { name, value }));
  const [there] = childrenOf(to, 'properties');
  if (there) there.children.push(...added);
  else to.children.unshift(element('properties', {}, added));
}

/** A file may have a text where only elements belong. */
function childrenOf(parent: XmlElement, name?: string): XmlElement[] {
  return parent.children
    .filter((child) => typeof child !== 'string')
    .filter((child) => name === undefined || child.name === name);
}

function has(parent: XmlElement, name: string): boolean {
  return childrenOf(parent, name).length > 0;
}

function keyOf({ suite, name }: Pick<TestCase, 'suite' | 'name'>): string {
  return JSON.stringify([suite, name]);
}
