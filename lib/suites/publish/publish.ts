import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeJsonSchemas } from './json-schemas';
import { fillKeyTables } from './key-tables';

/** Makes the files that follow from the schemas of a suite's files, by their path below the root of the repository. */
export function makePublishedFiles(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [name, schema] of Object.entries(makeJsonSchemas())) {
    files[`public/schemas/${name}`] = `${JSON.stringify(schema, null, 2)}\n`;
  }
  const docs = 'docs/suites.md';
  files[docs] = fillKeyTables(readFileSync(path.join(root, docs), 'utf8'));
  return files;
}

/** Writes those that are not current. `npm run schemas` and the build do it; a test fails when one is not current. */
export function publish(root: string): void {
  for (const [file, text] of Object.entries(makePublishedFiles(root))) {
    const target = path.join(root, file);
    // A file that is written is newer than the build that it is a part of.
    if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
  }
}
