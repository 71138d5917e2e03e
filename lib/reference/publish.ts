import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeJsonSchemas } from '../suites/publish/json-schemas';
import { fillKeyTables } from '../suites/publish/key-tables';
import { operationTables } from './operation-tables';
import { settingsTables } from './settings-tables';

/**
 * Makes the files that follow from schemas, by their path below the root of the repository: the JSON Schemas of a
 * suite's files, and the tables of the documentation that list keys, settings and routes.
 */
export function makePublishedFiles(root: string): Record<string, string> {
  const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
  const files: Record<string, string> = {};
  for (const [name, schema] of Object.entries(makeJsonSchemas())) {
    files[`public/schemas/${name}`] = `${JSON.stringify(schema, null, 2)}\n`;
  }
  files['docs/suites.md'] = fillKeyTables(read('docs/suites.md'));
  files['docs/settings.md'] = fill(read('docs/settings.md'), 'settings', settingsTables());
  files['docs/api.md'] = fill(read('docs/api.md'), 'routes', operationTables());
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

/** Puts the tables between their marks, and throws where the marks are not. */
function fill(text: string, what: string, tables: string): string {
  const start = `<!-- ${what}, made by "npm run schemas" -->\n`;
  const end = `<!-- end of ${what} -->`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`there is no place for the ${what}: expected ${start} and ${end}`);
  return `${text.slice(0, from + start.length)}\n${tables}\n\n${text.slice(to)}`;
}
