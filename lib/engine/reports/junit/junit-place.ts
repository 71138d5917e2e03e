import type { FoundCase } from '../cases/report-builder';
import type { Attributes } from '../input/xml-reader';
import type { JunitSuite } from './junit-suite';

const scriptFile = /\.[cm]?[jt]sx?$/;

/** The parameters that a suite's attributes give its cases: Playwright writes its project into `hostname`. */
export function parametersOf(
  suite: Attributes,
  root: Attributes | undefined,
): Record<string, string> | undefined {
  const isPlaywright = root?.id !== undefined && suite.id === undefined && scriptFile.test(suite.name ?? '');
  return isPlaywright && suite.hostname ? { project: suite.hostname } : undefined;
}

/** Gives a case the path and the parameters of its suite, without what its writer repeats in class and name. */
export function takePlace(found: FoundCase, { path, parameters }: JunitSuite): void {
  const { name, className } = found;
  found.path = path;
  found.parameters = parameters;
  if (!className) return;
  // Mocha's reporter writes the whole title as the name, and its last part as the class.
  const hasTitle = name.endsWith(className) && name.at(-className.length - 1) === ' ';
  // Node's own reporter writes `test` as the class of every case.
  if (className === 'test' || className === name || hasTitle) found.className = null;
  if (!hasTitle) return;
  const suite = path.at(-1) ?? '';
  const titles = name.slice(0, -className.length - 1);
  if (suite === '' || (titles !== suite && !titles.endsWith(` ${suite}`))) return;
  found.name = className;
  if (titles !== suite) found.path = [...path.slice(0, -1), titles.slice(0, -suite.length - 1), suite];
}
