import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The nearest folder that holds `relative`, looking upwards from the working folder and then from this file,
 * which a bundler may have moved. Null when there is none.
 */
export function findUpwards(relative: string): string | null {
  const starts = [path.resolve(/*turbopackIgnore: true*/ process.cwd()), fileOfThisModule()];
  for (const start of starts) {
    for (let folder = start; ; folder = path.dirname(folder)) {
      const candidate = path.join(/*turbopackIgnore: true*/ folder, relative);
      if (existsSync(/*turbopackIgnore: true*/ candidate)) return candidate;
      if (folder === path.dirname(folder)) break;
    }
  }
  return null;
}

function fileOfThisModule(): string {
  return import.meta.url.startsWith('file:') ? path.dirname(fileURLToPath(import.meta.url)) : '/';
}
