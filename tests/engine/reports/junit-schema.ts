import { XMLParser, XMLValidator } from 'fast-xml-parser';

/**
 * What the two schemas that CI servers know of JUnit files allow, as data: `junit-10` of Jenkins' xUnit plugin, and
 * Surefire's report 3.0, whose root is one `testsuite`.
 */
interface Rule {
  /** In this order; in any order where the element's `isAnyOrder`. Numbers are the most there may be. */
  children: Record<string, number>;
  isAnyOrder?: boolean;
  required: string[];
  optional: string[];
  hasText?: boolean;
  /** Attributes that are times. */
  times?: string[];
}

const many = Number.POSITIVE_INFINITY;
const leaf = (required: string[], optional: string[], hasText = true): Rule => ({
  children: {},
  required,
  optional,
  hasText,
});
const text = leaf([], []);
const tries = (more: string[]): Rule => ({
  children: { stackTrace: 1, 'system-out': 1, 'system-err': 1 },
  required: ['type', ...more],
  optional: ['message'],
});
const properties = { children: { property: many }, required: [], optional: [] };
const property = leaf(['name', 'value'], [], false);
const failed = ['failure', 'rerunFailure', 'flakyFailure', 'skipped', 'error', 'rerunError', 'flakyError'];
const retried = ['rerunFailure', 'flakyFailure', 'rerunError', 'flakyError'];
const outputs = { 'system-out': text, 'system-err': text, stackTrace: text };

const jenkins: Record<string, Rule> = {
  testsuites: {
    children: { testsuite: many },
    required: [],
    optional: ['name', 'time', 'tests', 'failures', 'errors'],
    times: ['time'],
  },
  testsuite: {
    children: { testsuite: many, properties: many, testcase: many, 'system-out': many, 'system-err': many },
    isAnyOrder: true,
    required: ['name', 'tests', 'failures', 'errors'],
    optional: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
    times: ['time'],
  },
  testcase: {
    children: Object.fromEntries([...failed, 'system-out', 'system-err'].map((name) => [name, many])),
    isAnyOrder: true,
    required: ['name'],
    optional: ['time', 'classname', 'group'],
  },
  ...Object.fromEntries(['failure', 'error', 'skipped'].map((name) => [name, leaf([], ['type', 'message'])])),
  ...Object.fromEntries(retried.map((name) => [name, tries([])])),
  ...{ properties, property, ...outputs },
};

const surefire: Record<string, Rule> = {
  testsuite: {
    children: { properties: many, testcase: many },
    required: ['name', 'tests', 'errors', 'skipped', 'failures'],
    optional: ['version', 'time', 'group'],
    times: ['time'],
  },
  testcase: {
    children: {
      ...{ failure: many, rerunFailure: many, flakyFailure: many, skipped: 1, error: 1, rerunError: many },
      ...{ flakyError: many, 'system-out': 1, 'system-err': 1 },
    },
    required: ['name', 'time'],
    optional: ['classname', 'group'],
    times: ['time'],
  },
  failure: leaf(['type'], ['message']),
  error: leaf(['type'], ['message']),
  skipped: leaf([], ['message']),
  ...Object.fromEntries(
    retried.map((name) => [
      name,
      { ...tries([]), children: { stackTrace: 1, 'system-out': 1, 'system-err': 1 } },
    ]),
  ),
  ...{ properties, property, ...outputs },
};

export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

/** The elements of a well-formed file; throws for one that is not. */
export function elementsOf(xml: string): Element {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) throw new Error(valid.err.msg);
  const parser = new XMLParser({
    ...{ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', parseAttributeValue: false },
    ...{ parseTagValue: false, trimValues: false, ignoreDeclaration: true, htmlEntities: true },
  });
  const [root] = toElements(parser.parse(xml));
  if (!root) throw new Error('there is no element');
  return root;
}

/** What a file breaks of both schemas, in sentences. */
export function schemaProblems(xml: string): string[] {
  const root = elementsOf(xml);
  const suites = root.name === 'testsuites' ? root.children : [root];
  return [
    ...check(root, jenkins).map((problem) => `Jenkins: ${problem}`),
    ...suites.flatMap((suite) => check(suite, surefire)).map((problem) => `Surefire: ${problem}`),
  ];
}

function check(element: Element, schema: Record<string, Rule>): string[] {
  const { name, attributes, children } = element;
  const rule = schema[name];
  if (!rule) return [`the element ${name} is not known`];
  const order = Object.keys(rule.children);
  let last = 0;
  const problems = [
    ...rule.required.filter((key) => attributes[key] === undefined).map((key) => `${name} has no ${key}`),
    ...Object.keys(attributes)
      .filter((key) => !rule.required.includes(key) && !rule.optional.includes(key))
      .map((key) => `${name} has the attribute ${key}`),
    ...(rule.times ?? [])
      .filter((key) => !/^\d*(?:\.\d{0,3})?$/.test(attributes[key] ?? ''))
      .map((key) => `${name}@${key} is no time`),
    ...(!rule.hasText && element.text.trim() !== '' ? [`${name} has text`] : []),
  ];
  for (const child of children) {
    const position = order.indexOf(child.name);
    if (position < 0) problems.push(`${name} has the child ${child.name}`);
    if (!rule.isAnyOrder && position < last) problems.push(`${child.name} comes too late in ${name}`);
    last = Math.max(position, last);
    const most = rule.children[child.name] ?? 0;
    if (children.filter((each) => each.name === child.name).length > most)
      problems.push(`${name} has ${child.name} too often`);
  }
  return [...problems, ...children.flatMap((child) => check(child, schema))];
}

type Parsed = Record<string, unknown>;

function toElements(parsed: unknown): Element[] {
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((each: Parsed): Element[] => {
    const name = Object.keys(each).find((key) => key !== ':@' && key !== '#text');
    if (name === undefined) return [];
    const inner = Array.isArray(each[name]) ? each[name] : [];
    const texts = inner.map((part: Parsed) => ('#text' in part ? String(part['#text']) : ''));
    const attributes = Object.entries((each[':@'] as object | undefined) ?? {});
    return [
      { name, attributes: Object.fromEntries(attributes), children: toElements(inner), text: texts.join('') },
    ];
  });
}
