import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../model/errors';
import type { ExportRule } from '../../model/node';
import { selectArtifacts } from '../artifact-selection';
import type { StepWatch } from '../backend';

/**
 * Hands over the files of the folder that the rules ask for. Links are not followed. Resolves with a sentence for
 * each file that cannot be read.
 */
export async function exportFiles(
  folder: string,
  rules: readonly ExportRule[],
  watch: Pick<StepWatch, 'onArtifact'>,
): Promise<string[]> {
  if (rules.length === 0) return [];
  const warnings: string[] = [];
  for (const { path: file, format } of selectArtifacts(await filesBelow(folder, '', warnings), rules)) {
    const handle = await readable(file, () =>
      open(path.join(folder, file), constants.O_RDONLY | constants.O_NOFOLLOW),
    );
    if (typeof handle === 'string') {
      warnings.push(handle);
      continue;
    }
    try {
      const { size } = await handle.stat();
      const range = { autoClose: false, start: 0, end: size - 1 };
      const content = size === 0 ? empty() : handle.createReadStream(range);
      await watch.onArtifact({ path: file, format, bytes: size, content });
    } finally {
      await handle.close();
    }
  }
  return warnings;
}

async function filesBelow(root: string, relative: string, warnings: string[]): Promise<string[]> {
  const entries = await readable(relative, () => readdir(path.join(root, relative), { withFileTypes: true }));
  if (typeof entries === 'string') {
    warnings.push(entries);
    return [];
  }
  const files: string[] = [];
  for (const entry of entries) {
    const file = relative === '' ? entry.name : `${relative}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesBelow(root, file, warnings)));
    else if (entry.isFile()) files.push(file);
  }
  return files;
}

/** What was opened, or the sentence that says why it cannot be read. */
async function readable<T>(file: string, read: () => Promise<T>): Promise<T | string> {
  try {
    return await read();
  } catch (error) {
    return `$GANTRY_ARTIFACTS/${file} cannot be exported: ${messageOf(error)}`;
  }
}

async function* empty(): AsyncIterable<Uint8Array> {}
