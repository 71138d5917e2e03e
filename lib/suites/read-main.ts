import type { SuiteFile, SuiteProblem } from '../model/suite';
import { composeFileNames, findComposeFiles, type ReadCompose, readCompose } from './compose/read-compose';
import { isMapping } from './file/inspect-schema';
import type { Issue } from './file/issue';
import { probeKeys } from './file/schema/ready';
import type { OpenFile, SuiteFiles } from './suite-files';

/** The file that describes a suite: its `suite.yaml`, its Compose file, or the first over the second. */
export interface MainFile {
  /** Null when the folder has neither, or it cannot be read; what is wrong has been reported. */
  main: OpenFile | null;
  /** What the Compose files say that is worth knowing. */
  notices: SuiteProblem[];
}

const suiteFile = 'suite.yaml';

/** The files of which one makes a folder a suite. */
export const mainFiles: readonly string[] = [suiteFile, ...composeFileNames];

/** Opens what describes a suite. With Compose files its data is that of the `suite.yaml` that says the same. */
export function openMain(files: readonly SuiteFile[], opened: SuiteFiles, projectName: string): MainFile {
  const has = (file: string) => files.some(({ path }) => path === file);
  const own = has(suiteFile) ? opened.open(suiteFile) : null;
  const named = has(suiteFile) ? namedFiles(own?.value) : findComposeFiles(has);
  if (!named) return { main: own, notices: [] };
  const missing = named.filter((file) => !has(file));
  for (const file of missing) {
    const at = own?.positionOf(['compose'], 'value') ?? { line: 1, column: 1 };
    const message = `compose: expected a Compose file of the suite, found ${JSON.stringify(file)}, which is not there`;
    opened.addProblem({ file: suiteFile, ...at, message });
  }
  if (missing.length > 0) return { main: own, notices: [] };
  const read = (file: string) => (has(file) ? opened.readText(file) : null);
  const composed = readCompose(named, { read, projectName });
  for (const problem of composed.problems) opened.addProblem(problem);
  const value = overlay(composed, own?.value);
  const locate = ({ path, on, message }: Issue): SuiteProblem =>
    own && isIn(own.value, path)
      ? { file: suiteFile, ...own.positionOf(path, on), message }
      : own && isIn(own.value, underOverrides(path))
        ? { file: suiteFile, ...own.positionOf(underOverrides(path), on), message }
        : { ...composed.placeOf(path), message };
  const main = opened.openValue({
    file: own?.file ?? named[0] ?? suiteFile,
    text: own?.text ?? '',
    value,
    locate,
  });
  return { main, notices: composed.notices };
}

/** The Compose files that `suite.yaml` names; null if it names none. */
function namedFiles(value: unknown): string[] | null {
  if (!isMapping(value) || value.compose === undefined) return null;
  const files = [value.compose].flat().filter((file) => typeof file === 'string');
  return files.length > 0 ? files.map((file) => file.replace(/^(?:\.\/)+/, '')) : null;
}

/** Puts `overrides` over the steps of the Compose files key by key, and the steps of `suite.yaml` beside them. */
function overlay({ value }: ReadCompose, own: unknown): Record<string, unknown> {
  if (!isMapping(own)) return value;
  const steps: Record<string, unknown> = isMapping(value.steps) ? { ...value.steps } : {};
  const overrides = isMapping(own.overrides) ? own.overrides : {};
  for (const [id, override] of Object.entries(overrides)) {
    const base = steps[id];
    steps[id] = isMapping(base) && isMapping(override) ? merge(base, override) : override;
  }
  return { ...own, steps: { ...steps, ...(isMapping(own.steps) ? own.steps : {}) } };
}

/** Variables and headers are merged by name, and times of `ready` keep its probes; any other key replaces. */
function merge(base: Record<string, unknown>, override: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...base, ...override };
  for (const key of ['env', 'headers']) {
    if (isMapping(base[key]) && isMapping(override[key])) merged[key] = { ...base[key], ...override[key] };
  }
  if (isMapping(base.ready) && hasOnlyTimes(override.ready))
    merged.ready = { ...base.ready, ...override.ready };
  // Other probes take the place of the health check, which is there to be waited for.
  else if (override.ready !== undefined && override.healthcheck === undefined) delete merged.healthcheck;
  // A step says either what it runs or how its image is run.
  if (override.run !== undefined) for (const key of ['args', 'entrypoint', 'init']) delete merged[key];
  // The ports, the probes and the restarts of a service mean nothing for what runs to its end.
  const staysUp = merged.kind === 'service' || merged.kind === 'mock';
  if (!staysUp)
    for (const key of ['ports', 'ready', 'healthcheck']) if (override[key] === undefined) delete merged[key];
  return merged;
}

function hasOnlyTimes(ready: unknown): ready is Record<string, unknown> {
  if (!isMapping(ready)) return false;
  const keys = Object.keys(ready);
  return keys.length > 0 && !probeKeys.some((key) => keys.includes(key));
}

function underOverrides([first, ...rest]: readonly (string | number)[]): (string | number)[] {
  return first === 'steps' ? ['overrides', ...rest] : [];
}

function isIn(value: unknown, path: readonly (string | number)[]): boolean {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
    at = Array.isArray(at) ? at[Number(key)] : isMapping(at) ? at[key] : undefined;
  }
  return path.length > 0;
}
