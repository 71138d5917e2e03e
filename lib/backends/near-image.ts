import { distance } from 'fastest-levenshtein';

/** More are no slip of the keyboard. */
const maxSlips = 2;

/** A known image whose name is nearly the one that is missing. */
export interface NearImage {
  name: string;
  /** The tag alone differs. The missing one may well be at its registry. */
  isOtherTag: boolean;
}

/** The known image whose name differs from `name` by a typo or only by its tag; null if there is none. */
export function nearestImage(name: string, known: readonly string[]): NearImage | null {
  if (name.includes('@')) return null;
  const repository = repositoryOf(name);
  const most = Math.min(maxSlips, repository.length / 4);
  const near = known
    .filter((candidate) => candidate !== name && candidate !== `${name}:latest` && !candidate.startsWith('<'))
    .map((candidate) => ({ candidate, other: repositoryOf(candidate) }))
    // Names whose lengths differ by more are not compared.
    .filter(({ other }) => Math.abs(other.length - repository.length) <= most)
    .map(({ candidate, other }) => ({ candidate, slips: distance(repository, other) }))
    .filter(({ slips }) => slips <= most)
    .map((each) => ({ ...each, inAll: distance(name, each.candidate) }))
    .sort((a, b) => a.slips - b.slips || a.inAll - b.inAll)[0];
  return near ? { name: near.candidate, isOtherTag: near.slips === 0 } : null;
}

/** Whether a missing image seems not to be at its registry either, which nobody has asked. */
export function isDoubtful(image: string, near: NearImage | null): boolean {
  return isToolbox(image) || (near !== null && !near.isOtherTag);
}

/** What a person may have meant, behind a full stop. */
export function hintAt(image: string, near: NearImage | null, where = 'here'): string {
  if (isToolbox(image))
    return ` Make it with \`npm run toolbox\` in Gantry's folder, so that it is ${where}.`;
  return near === null ? '' : ` Did you mean ${near.name}, which is ${where}?`;
}

function isToolbox(image: string): boolean {
  return image.startsWith('gantry/toolbox');
}

function repositoryOf(name: string): string {
  return name.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
