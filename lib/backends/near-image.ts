import { distance } from 'fastest-levenshtein';

/** More are no slip of the keyboard. */
const maxSlips = 2;

/** The known image whose name differs from `name` by a typo or only by its tag; null if there is none. */
export function nearestImage(name: string, known: readonly string[]): string | null {
  if (name.includes('@')) return null;
  const repository = repositoryOf(name);
  const near = known
    .filter((candidate) => candidate !== name && candidate !== `${name}:latest` && !candidate.startsWith('<'))
    .map((candidate) => ({ candidate, slips: distance(repository, repositoryOf(candidate)) }))
    .filter(({ slips }) => slips <= Math.min(maxSlips, repository.length / 4))
    .sort((a, b) => a.slips - b.slips || distance(name, a.candidate) - distance(name, b.candidate));
  return near[0]?.candidate ?? null;
}

/** What a person may have meant, behind a full stop. */
export function hintAt(image: string, near: string | null, where = 'here'): string {
  if (image.startsWith('gantry/toolbox')) return ' Make it with: npm run toolbox';
  return near === null ? '' : ` Did you mean ${near}, which is ${where}?`;
}

function repositoryOf(name: string): string {
  return name.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
