import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';

export interface WalkedEntry {
  /** Relative to the folder, `/`-separated. */
  path: string;
  stats: BigIntStats;
}

/** Names that are never part of a package: what tools keep beside the files for themselves. */
const excluded = new Set(['.git', '.DS_Store']);
const maxDepth = 50;

/**
 * Walks everything below a folder but `.git` and `.DS_Store`, in order of name, each folder before its content. Links
 * are yielded as links and not followed. Throws when something cannot be read.
 */
export function* walkFolder(folder: string, below = '', depth = 0): Generator<WalkedEntry> {
  for (const name of readdirSync(path.join(folder, below)).sort()) {
    if (excluded.has(name)) continue;
    const relative = below ? `${below}/${name}` : name;
    const stats = lstatSync(path.join(folder, relative), { bigint: true, throwIfNoEntry: false });
    if (!stats) continue;
    yield { path: relative, stats };
    if (!stats.isDirectory()) continue;
    if (depth === maxDepth) throw new Error(`${relative} is more than ${maxDepth} folders deep`);
    yield* walkFolder(folder, relative, depth + 1);
  }
}
