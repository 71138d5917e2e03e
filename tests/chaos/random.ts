/** Numbers that a seed decides (mulberry32). */
export interface Random {
  /** From `least` to `most`, both included. */
  whole(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Another sequence, so that what two parts draw does not depend on who draws first. */
  fork(): Random;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const random: Random = {
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (share) => next() < share,
    pick(items) {
      const found = items[random.whole(0, items.length - 1)];
      if (found === undefined) throw new Error('there is nothing to pick from');
      return found;
    },
    fork: () => createRandom(Math.floor(next() * 2 ** 32)),
  };
  return random;
}
