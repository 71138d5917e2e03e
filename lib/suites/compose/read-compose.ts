import type { SuiteProblem } from '../../model/suite';
import { insidePackage, writtenPath } from './model/paths';
import { resolveCompose } from './model/resolve';
import type { Classified } from './plan/classify';
import { planSuite } from './plan/suite';
import type { Mapping, Place } from './syntax/places';
import { ComposeError } from './syntax/problem';

/** Stands for the package's folder: no path of a Compose file leads into it by chance. */
const root = '/.gantry/1/2/3/4/5/6/package';

/** The Compose files that a folder may have, the one that counts first; each with those that may lie over it. */
const defaultFiles: readonly [file: string, overrides: readonly string[]][] = [
  ['compose.yaml', ['compose.override.yml', 'compose.override.yaml']],
  ['compose.yml', ['compose.override.yml', 'compose.override.yaml']],
  ['docker-compose.yml', ['docker-compose.override.yml', 'docker-compose.override.yaml']],
  ['docker-compose.yaml', ['docker-compose.override.yml', 'docker-compose.override.yaml']],
];

/** The files of a folder without `suite.yaml` that make it a suite, whichever is there. */
export const composeFileNames = defaultFiles.map(([file]) => file);

/** Finds the Compose files of a folder as the Compose tool does; null when there is none. */
export function findComposeFiles(has: (file: string) => boolean): string[] | null {
  const found = defaultFiles.find(([file]) => has(file));
  if (!found) return null;
  const [file, overrides] = found;
  const override = overrides.find(has);
  return override === undefined ? [file] : [file, override];
}

/** A suite that Compose files describe, with all that is wrong with it or worth knowing. */
export interface ReadCompose {
  /** The data of the `suite.yaml` that says the same. */
  value: Mapping;
  kinds: ReadonlyMap<string, Classified>;
  problems: SuiteProblem[];
  notices: SuiteProblem[];
  placeOf(path: readonly (string | number)[]): Place;
}

/**
 * Reads Compose files of a package into a suite, the later over the earlier. Paths are relative to the package. `read`
 * returns null for a file that is not there.
 */
export function readCompose(
  files: readonly string[],
  { read, projectName }: { read(file: string): string | null; projectName: string },
): ReadCompose {
  const resolved = resolveCompose({
    root,
    files: files.map((file) => `${root}/${file}`),
    projectName,
    read(path) {
      const inside = insidePackage(root, path);
      if (inside !== null) return read(inside);
      throw new ComposeError(
        `expected a file of the suite, found ${JSON.stringify(writtenPath(root, path))}`,
      );
    },
  });
  const top = { file: files[0] ?? '', line: 1, column: 1 };
  const { value, kinds, placeOf } = planSuite(resolved, { root, top });
  return { value, kinds, placeOf, problems: resolved.problems, notices: unique(resolved.notices) };
}

/** A part that several services extend is noticed once. */
function unique(notices: readonly SuiteProblem[]): SuiteProblem[] {
  return [
    ...new Map(
      notices.map((notice) => [`${notice.file}:${notice.line}:${notice.column}:${notice.message}`, notice]),
    ).values(),
  ];
}
