import type { Random } from './random';

export type Say = (text: string) => void;

/** A fault that takes minutes. Answers what was wrong afterwards. */
export type SlowFault = (random: Random, say: Say) => Promise<string[]>;
