import type { CaseStatus } from '../../../model/report';
import { BoundedText } from '../cases/bounded-text';
import { createReportBuilder } from '../cases/report-builder';
import { readSeconds } from '../cases/seconds';
import { type Attributes, createXmlReader } from '../input/xml-reader';
import type { ReportReader } from '../report-reader';

interface Open {
  attributes: Attributes;
  texts: Map<string, BoundedText>;
  /** A case in it has failed. */
  hasFailed: boolean;
}

const textNames: ReadonlySet<string> = new Set(['message', 'stack-trace', 'output']);

/** Reads the XML of NUnit 3 and of NUnit 2. A suite that fails though no case in it did, in a set-up say, is a case. */
export function createNunitReader(): ReportReader {
  const builder = createReportBuilder('nunit');
  const suites: Open[] = [];
  let testCase: Open | null = null;
  let text: BoundedText | null = null;
  let hasRoot = false;

  const xml = createXmlReader({
    onOpen(name, attributes) {
      if (name === 'test-run' || name === 'test-results') hasRoot = true;
      else if (name === 'test-suite') suites.push(start(attributes));
      else if (name === 'test-case') testCase = start(attributes);
      else if (textNames.has(name)) {
        const owner = testCase ?? suites.at(-1);
        text = owner?.texts.get(name) ?? new BoundedText();
        owner?.texts.set(name, text);
      }
    },
    onText: (piece) => text?.add(piece),
    onClose(name) {
      if (textNames.has(name)) text = null;
      if (name === 'test-case' && testCase) {
        add(testCase, suites, null);
        testCase = null;
      } else if (name === 'test-suite') closeSuite();
    },
  });

  function closeSuite(): void {
    const suite = suites.pop();
    if (!suite) return;
    const { attributes, hasFailed } = suite;
    const status = statusOf(attributes);
    const isOwn = !hasFailed && (status === 'failed' || status === 'errored') && attributes.site !== 'Child';
    if (isOwn) add(suite, [...suites, suite], 'the suite as a whole');
    const outer = suites.at(-1);
    if (outer && (hasFailed || isOwn)) outer.hasFailed = true;
  }

  function add({ attributes, texts }: Open, within: readonly Open[], name: string | null): void {
    const textOf = (key: string) => texts.get(key)?.toString() ?? '';
    const status = statusOf(attributes);
    if (status === 'failed' || status === 'errored') for (const suite of within) suite.hasFailed = true;
    const className = attributes.classname ?? null;
    builder.add({
      name: name ?? shortName(attributes),
      path: pathOf(within, className),
      className,
      status,
      durationMs: readSeconds(attributes.duration ?? attributes.time).ms,
      message: textOf('message'),
      details: textOf('stack-trace'),
      printed: textOf('output'),
    });
  }

  return {
    write: (piece) => xml.write(piece),
    end() {
      const damage = xml.end();
      if (!hasRoot) throw new Error(damage ?? 'expected the element test-run or test-results');
      return builder.finish(damage);
    },
  };
}

function start(attributes: Attributes): Open {
  return { attributes, texts: new Map(), hasFailed: false };
}

/** NUnit 2 writes full names; NUnit 3 both. */
function shortName({ name = '', fullname, classname }: Attributes): string {
  const whole = fullname ?? name;
  if (classname && whole.startsWith(`${classname}.`)) return whole.slice(classname.length + 1);
  return fullname ? name : name.slice(name.replace(/\(.*$/s, '').lastIndexOf('.') + 1);
}

/** Assemblies, namespaces and fixtures; NUnit 3 names the class of a case as well. */
function pathOf(within: readonly Open[], className: string | null): string[] {
  const names = within
    .filter(({ attributes }) => attributes.type !== 'Project' && attributes.type !== 'Test Project')
    .map(({ attributes }) => (attributes.name ?? '').split(/[\\/]/).at(-1) ?? '');
  const parts = new Set(className?.split('.'));
  return names.filter((name) => name !== '' && !parts.has(name));
}

const words: ReadonlyMap<string, CaseStatus> = new Map([
  ['Passed', 'passed'],
  ['Success', 'passed'],
  ['Failed', 'failed'],
  ['Failure', 'failed'],
  ['Error', 'errored'],
  ['NotRunnable', 'errored'],
  ['Cancelled', 'errored'],
  ['Warning', 'warned'],
  ['Skipped', 'skipped'],
  ['Ignored', 'skipped'],
  ['Inconclusive', 'skipped'],
]);

function statusOf({ result = '', label = '', success, executed }: Attributes): CaseStatus {
  // NUnit 3 says more in the label: Failed with Error, Invalid or Cancelled.
  if (result === 'Failed' && label !== '') return 'errored';
  const known = words.get(result);
  if (known) return known;
  if (executed === 'False') return 'skipped';
  return success === 'False' ? 'failed' : 'passed';
}
