import type { Dependency, LockedDependency } from '../model/dependency';
import type { SuiteFile, SuiteProblem } from '../model/suite';
import { readDependencyForm, readLockForm } from './dependency-form';
import type { Complaint, Place } from './place';

export const dependencyFile = 'dependencies.yaml';
export const lockFile = 'dependencies.lock.yaml';

interface ReadFile {
  value: unknown;
  place: Place;
  locate(complaint: Complaint): SuiteProblem;
}

/** What `dependencies.yaml` and its lock say. Whether the two agree is looked at when the suite is to run. */
export function readDependencies(
  files: readonly SuiteFile[],
  read: (file: string) => ReadFile | null,
): { dependencies: Dependency[]; aliases: string[]; lock: LockedDependency[]; hasFile: boolean } {
  const has = (file: string) => files.some(({ path }) => path === file);
  const source = has(dependencyFile) ? read(dependencyFile) : null;
  const forms = source && source.value !== undefined ? readDependencyForm(source.value, source.place) : [];
  const placeOf = (path: string[], on: Complaint['on']) => {
    const { line, column } = source?.locate({ path, on, message: '' }) ?? { line: 1, column: 1 };
    return { line, column };
  };
  const locked = has(lockFile) ? read(lockFile) : null;
  const lock = locked && locked.value !== undefined ? readLockForm(locked.value, locked.place) : null;
  return {
    dependencies: forms.map((form) => ({
      ...form,
      place: placeOf([form.alias], 'key'),
      profilePlace: placeOf([form.alias, 'profile'], 'value'),
    })),
    // Also those with something wrong in them, which has been told.
    aliases: keysOf(source?.value),
    lock: lock ?? [],
    hasFile: source !== null,
  };
}

function keysOf(value: unknown): string[] {
  return value !== null && typeof value === 'object' ? Object.keys(value) : [];
}
