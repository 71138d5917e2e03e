import { isStepId } from '../../file/schema/names';

/**
 * Gives every service the id of its step: its name where that can be one, else its letters in lower case with `-` for what
 * an id cannot have. Two names never get the same id.
 */
export function stepIdsOf(names: readonly string[]): Map<string, string> {
  const ids = new Map(names.filter(isStepId).map((name) => [name, name]));
  const taken = new Set(ids.values());
  for (const name of names) {
    if (ids.has(name)) continue;
    const plain = name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 55)
      .replace(/-+$/, '');
    const base = isStepId(plain) ? plain : `service-${plain}`.replace(/-+$/, '');
    let id = base;
    for (let number = 2; taken.has(id); number += 1) id = `${base}-${number}`;
    taken.add(id);
    ids.set(name, id);
  }
  return ids;
}
