import { existsSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SuiteProblem } from '../model/suite';
import { findComposeFiles, readCompose } from '../suites/compose/read-compose';
import { writeSuiteYaml } from '../suites/compose/write-suite';

/** `gantry import compose`: writes the suite.yaml that says what a folder's Compose files, or a single one, say. */
export async function importCompose(given: string): Promise<void> {
  const whole = path.resolve(given);
  if (!existsSync(whole))
    throw new Error(`${given} is not there: expected a folder with a Compose file, or the file.`);
  const isFolder = statSync(whole).isDirectory();
  const folder = isFolder ? whole : path.dirname(whole);
  const files = isFolder
    ? findComposeFiles((file) => existsSync(path.join(folder, file)))
    : [path.basename(whole)];
  if (!files)
    throw new Error(`${given} has no compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml.`);
  const target = path.join(folder, 'suite.yaml');
  if (existsSync(target)) throw new Error(`${target} is there already: move it away first.`);
  const composed = readCompose(files, {
    read: (file) => readIfThere(path.join(folder, file)),
    projectName: path.basename(folder),
  });
  if (composed.problems.length > 0) {
    throw new Error(`${files.join(' and ')} cannot be a suite:\n${composed.problems.map(lineOf).join('\n')}`);
  }
  await writeFile(target, writeSuiteYaml(composed, files), { flag: 'wx' });
  for (const notice of composed.notices) console.error(lineOf(notice));
  console.log(`Wrote ${path.relative(process.cwd(), target)}.`);
}

function readIfThere(file: string): string | null {
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'utf8') : null;
}

function lineOf({ file, line, column, message }: SuiteProblem): string {
  return `${file}:${line}:${column} ${message}`;
}
