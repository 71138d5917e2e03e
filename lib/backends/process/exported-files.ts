import { constants } from 'node:fs';
import { open, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { NotExported } from '../../model/artifact';
import { messageOf } from '../../model/errors';
import type { ExportRule } from '../../model/node';
import { noteNotExported } from '../artifact-archive';
import { selectArtifacts } from '../artifact-selection';
import type { StepWatch } from '../backend';

export interface ExportedFiles {
  /** Those that stand in the way of a rule: links are not followed. */
  notExported: NotExported[];
  /** A sentence for each file that cannot be read. */
  warnings: string[];
}

/** Hands over the files of the folder that the rules ask for. */
export async function exportFiles(
  folder: string,
  rules: readonly ExportRule[],
  watch: Pick<StepWatch, 'onArtifact'>,
): Promise<ExportedFiles> {
  const found: ExportedFiles = { notExported: [], warnings: [] };
  if (rules.length === 0) return found;
  const onOther = async (file: string, isLink: boolean) => {
    const linkname = isLink ? await readlink(path.join(folder, file)).catch(() => null) : null;
    noteNotExported(found.notExported, rules, file, { type: isLink ? 'symlink' : null, linkname });
  };
  const files = await filesBelow(folder, '', found.warnings, onOther);
  for (const { path: file, format } of selectArtifacts(files, rules)) {
    const handle = await readable(file, () =>
      open(path.join(folder, file), constants.O_RDONLY | constants.O_NOFOLLOW),
    );
    if (typeof handle === 'string') {
      found.warnings.push(handle);
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
  return found;
}

async function filesBelow(
  root: string,
  relative: string,
  warnings: string[],
  onOther: (file: string, isLink: boolean) => Promise<void>,
): Promise<string[]> {
  const entries = await readable(relative, () => readdir(path.join(root, relative), { withFileTypes: true }));
  if (typeof entries === 'string') {
    warnings.push(entries);
    return [];
  }
  const files: string[] = [];
  for (const entry of entries) {
    const file = relative === '' ? entry.name : `${relative}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesBelow(root, file, warnings, onOther)));
    else if (entry.isFile()) files.push(file);
    else await onOther(file, entry.isSymbolicLink());
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
