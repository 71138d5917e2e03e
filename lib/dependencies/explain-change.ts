import type { LockedDependency } from '../model/dependency';

const maxNames = 5;

/** Says which files are not as they were locked. */
export function explainChange(
  locked: LockedDependency,
  now: Readonly<Record<string, string>>,
  ref: string,
): string {
  const before = new Map(Object.entries(locked.files));
  const after = new Map(Object.entries(now));
  const changed = [...after].filter(([path, hash]) => before.has(path) && before.get(path) !== hash);
  const added = [...after].filter(([path]) => !before.has(path));
  const removed = [...before].filter(([path]) => !after.has(path));
  const what = [
    ...changed.map(([path]) => `${path} was changed`),
    ...added.map(([path]) => `${path} was added`),
    ...removed.map(([path]) => `${path} was removed`),
  ];
  const more = what.length > maxNames ? ` and ${what.length - maxNames} more` : '';
  const names = what.slice(0, maxNames).join(', ') || 'its digest differs';
  return `${ref} is not what was locked: ${names}${more}; undo that, or lock it as it is with "gantry lock"`;
}
