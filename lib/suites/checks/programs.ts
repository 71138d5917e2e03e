import type { SuiteFile } from '../../model/suite';
import { isMapping } from '../file/inspect-schema';
import { type AddIssue, quote } from '../file/issue';
import type { StepOutline } from './outline';

/** Checks that every step but a nested suite has something to run: `run`, `build`, or an image of its own or of `defaults`. */
export function checkPrograms(suite: unknown, steps: readonly StepOutline[], add: AddIssue): void {
  const defaults = isMapping(suite) ? suite.defaults : undefined;
  if (isMapping(defaults) && typeof defaults.image === 'string') return;
  for (const { id, kind, hasProgram } of steps) {
    if (kind === 'suite' || hasProgram) continue;
    add(['steps', id], 'expected "run", "image" or "build", found none of them', 'key');
  }
}

/** Checks that a step says only once what it runs: `run` replaces the image's program, these keys say how that is run. */
export function checkImageKeys(steps: readonly StepOutline[], add: AddIssue): void {
  for (const { id, hasRun, imageKeys } of steps) {
    if (!hasRun) continue;
    for (const key of imageKeys) {
      add(
        ['steps', id, key],
        `expected "run" or ${quote(key)}, found both: "run" replaces the image's program`,
        'key',
      );
    }
  }
}

/** Checks that a probe asks one of the step's own ports: on a backend without names only those have an address. */
export function checkProbes(steps: readonly StepOutline[], add: AddIssue): void {
  for (const { id, probes, ports } of steps) {
    for (const { type, port } of probes) {
      if (ports.includes(port)) continue;
      const declared = ports.length > 0 ? ports.join(', ') : 'none';
      add(['steps', id, 'ready', type], `expected one of the step's "ports" (${declared}), found ${port}`);
    }
  }
}

/** Checks that relative working folders are in the package, which is read-only in a step. */
export function checkFolders(
  steps: readonly StepOutline[],
  files: readonly SuiteFile[],
  add: AddIssue,
): void {
  const folders = new Set(files.flatMap(({ path }) => foldersAbove(path)));
  for (const { id, cwd } of steps) {
    if (cwd === null || cwd === '.' || cwd.startsWith('/') || folders.has(cwd)) continue;
    add(['steps', id, 'cwd'], `expected a folder of the suite with files in it, found ${quote(cwd)}`);
  }
}

/** Checks that files to copy into containers are in the package, and go where they stay. */
export function checkPlacedFiles(
  steps: readonly StepOutline[],
  files: readonly SuiteFile[],
  add: AddIssue,
): void {
  const paths = new Set(['.', ...files.flatMap(({ path }) => [path, ...foldersAbove(path)])]);
  for (const step of steps) {
    if (step.isReadOnly && step.files.length > 0) {
      const message = 'expected "files" or "read_only", found both: nothing can be copied into a read-only';
      add(['steps', step.id, 'files'], `${message} container`, 'key');
    }
    for (const { path, from } of step.files) {
      const at = ['steps', step.id, 'files', path];
      if (!paths.has(from)) add(at, `expected a file or folder of the suite, found ${quote(from)}`);
      const lost = step.tmpfs.find((folder) => path === folder || path.startsWith(`${folder}/`));
      if (lost !== undefined) {
        add(at, `expected a place outside "tmpfs", which is empty at the start, found one in ${lost}`);
      }
    }
  }
}

/** Checks that no limit begins above what it may be raised to. */
export function checkUlimits(steps: readonly StepOutline[], add: AddIssue): void {
  for (const { id, ulimits } of steps) {
    for (const [name, { soft, hard }] of Object.entries(ulimits)) {
      if (hard === -1 || (soft !== -1 && soft <= hard)) continue;
      const message = `expected a "soft" limit of at most the "hard" one, found ${soft} above ${hard}`;
      add(['steps', id, 'ulimits', name], message);
    }
  }
}

/** Checks that each place in a container has one content: two volumes, or a volume and memory, hide one another. */
export function checkVolumes(steps: readonly StepOutline[], add: AddIssue): void {
  for (const { id, volumes, tmpfs } of steps) {
    for (const path of volumes) {
      if (!tmpfs.includes(path)) continue;
      add(['steps', id, 'volumes', path], 'expected a place that is not in "tmpfs" too', 'key');
    }
  }
}

/** Checks that a name leads to one step alone, however it is written: names of hosts know no capitals. */
export function checkAliases(steps: readonly StepOutline[], add: AddIssue): void {
  const owners = new Map(steps.map(({ id }) => [id.toLowerCase(), id]));
  for (const { id, aliases } of steps) {
    for (const alias of aliases) {
      const owner = owners.get(alias.toLowerCase());
      if (owner === undefined) owners.set(alias.toLowerCase(), id);
      else
        add(['steps', id, 'aliases'], `expected names of no other step, found ${quote(alias)} of ${owner}`);
    }
  }
}

function foldersAbove(file: string): string[] {
  return [...file.matchAll(/\//g)].map(({ index }) => file.slice(0, index));
}
