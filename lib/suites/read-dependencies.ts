import type { Dependency, LockedDependency } from '../model/dependency';
import { isMapping } from './file/inspect-schema';
import { dependenciesYaml } from './file/schema/dependencies-yaml';
import { lockYaml } from './file/schema/lock-yaml';
import type { OpenFile } from './suite-files';

export const dependencyFile = 'dependencies.yaml';
export const lockFile = 'dependencies.lock.yaml';

/** What a suite depends on. Whether the lock fits is checked when the suite is to run. */
export interface Dependencies {
  dependencies: Dependency[];
  /** All that the file names, also those with mistakes. */
  aliases: string[];
  lock: LockedDependency[];
  hasFile: boolean;
}

/** Reads `dependencies.yaml` and its lock, each null where the folder does not have it. */
export function readDependencies(source: OpenFile | null, locked: OpenFile | null): Dependencies {
  const entries = parseIfAny(source, (file) => file.parse(dependenciesYaml)) ?? {};
  const locks = parseIfAny(locked, (file) => file.parse(lockYaml)) ?? {};
  const position = { line: 1, column: 1 };
  return {
    dependencies: Object.entries(entries).map(([alias, entry]) => ({
      alias,
      ...entry,
      place: source?.positionOf([alias], 'key') ?? position,
      profilePlace: source?.positionOf([alias, 'profile'], 'value') ?? position,
    })),
    aliases: isMapping(source?.value) ? Object.keys(source.value) : [],
    lock: Object.entries(locks).map(([alias, entry]) => ({
      alias,
      ...entry,
      resolved: entry.resolved ?? entry.ref,
    })),
    hasFile: source !== null,
  };
}

/** An empty file names nothing. */
function parseIfAny<T>(file: OpenFile | null, parse: (file: OpenFile) => T | null): T | null {
  return file && file.value !== undefined && file.value !== null ? parse(file) : null;
}
