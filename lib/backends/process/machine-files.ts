import { lstat, open, readlink } from 'node:fs/promises';
import type { StepFiles } from '../program-problem';

const maxStartBytes = 4_096;

/** The files of this machine, where steps run as processes. */
export const machineFiles: StepFiles = {
  async inspect(file) {
    try {
      const facts = await lstat(file);
      const mode = facts.mode & 0o777;
      if (facts.isDirectory()) return { type: 'directory', mode, target: null };
      if (facts.isSymbolicLink()) return { type: 'link', mode, target: await readlink(file) };
      return { type: facts.isFile() ? 'file' : 'other', mode, target: null };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
  async readStart(file) {
    const handle = await open(/*turbopackIgnore: true*/ file, 'r');
    try {
      const buffer = Buffer.alloc(maxStartBytes);
      const { bytesRead } = await handle.read(buffer, 0, maxStartBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  },
};

/** Also when a part of the path is no folder, or may not be entered. */
function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'ELOOP';
}
