import type { TestCase } from '../../../model/report';
import { BoundedText } from '../cases/bounded-text';
import type { Attributes } from '../input/xml-reader';
import type { JunitCase } from './junit-case';

/** Numbers of elements and cases that were read. */
export interface Found {
  failures: number;
  errors: number;
  skips: number;
  failedCases: number;
}

/** A case that has both a failure and a `skipped`: the counts of its suite tell which of them holds. */
export interface Doubted {
  testCase: TestCase;
  elements: number;
  skipReason: string;
}

/** A `testsuite`, or the `testsuites` around them, while it is read. */
export interface JunitSuite {
  attributes: Attributes;
  /** Its own name last. */
  path: string[];
  parameters: Record<string, string>;
  /** In itself and in the suites below it. */
  found: Found;
  doubted: Doubted[];
  /** Its own cases, among which tries of the same one are looked for. */
  cases: TestCase[];
  /** It stands for a Go package: no name is there twice but for a test that ran again. */
  isGo: boolean;
  printed: BoundedText;
  /** The failure of the suite itself, as a case. */
  whole: JunitCase | null;
}

export function startSuite(
  attributes: Attributes,
  outer: JunitSuite | null,
  parameters: Record<string, string>,
  isRoot: boolean,
): JunitSuite {
  const name = isRoot ? '' : (attributes.name ?? '').trim();
  return {
    attributes,
    path: [...(outer?.path ?? []), ...(name ? [name] : [])],
    parameters,
    found: { failures: 0, errors: 0, skips: 0, failedCases: 0 },
    doubted: [],
    cases: [],
    isGo: false,
    printed: new BoundedText(16_384),
    whole: null,
  };
}

/** The part of a suite's counts that no case stands for. */
export interface Unnamed {
  failures: number;
  errors: number;
  skips: number;
}

export function countUnnamed({ attributes, found }: JunitSuite): Unnamed {
  // Writers mix failures and errors up: only their sum is compared.
  const wrong = count(attributes.failures) + count(attributes.errors) - found.failures - found.errors;
  const errors = Math.min(Math.max(wrong, 0), Math.max(count(attributes.errors) - found.errors, 0));
  return {
    failures: Math.max(wrong, 0) - errors,
    errors,
    skips: Math.max(count(attributes.skipped ?? attributes.skips) - found.skips, 0),
  };
}

/** Tells whether the suite counts its doubted cases as failures; null when it counts nothing. */
export function countsDoubted({ attributes, found, doubted }: JunitSuite): boolean | null {
  if (attributes.failures === undefined && attributes.errors === undefined) return null;
  const counted = count(attributes.failures) + count(attributes.errors);
  const elements = found.failures + found.errors;
  // Some writers count cases, others what failed in them.
  const withThem = [elements, found.failedCases];
  const doubtedElements = doubted.reduce((sum, each) => sum + each.elements, 0);
  const withoutThem = [elements - doubtedElements, found.failedCases - doubted.length];
  return withThem.includes(counted) || !withoutThem.includes(counted);
}

function count(text: string | undefined): number {
  const given = Number(text?.replaceAll(',', '') || 0);
  return Number.isInteger(given) && given > 0 ? given : 0;
}
