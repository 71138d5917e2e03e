import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where the program that starts other engines is. */
export const enginesFolder = path.resolve(root, process.env.GANTRY_ENGINES || '../shared/engines');
/** Where that program keeps the engines' roots and what they write. */
export const rootsFolder = process.env.GROUND || path.join(tmpdir(), 'engines');
/** Suites made from what people reported of tools like this one, with what is right. */
export const casesFolder = path.resolve(root, process.env.GANTRY_CASES || '../shared/cases');
