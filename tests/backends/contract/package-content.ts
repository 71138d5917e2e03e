import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { pack } from 'tar-stream';
import type { OpenPackage } from '@/lib/backends/backend';
import { AppError } from '@/lib/model/errors';

export interface PackageFile {
  path: string;
  content: string;
  mode?: number;
}

/** Packages that live in the test, opened by digest as the engine would. */
export function createPackages(): { add(files: PackageFile[]): string; openPackage: OpenPackage } {
  const packages = new Map<string, PackageFile[]>();
  return {
    add(files) {
      const digest = `sha256:${createHash('sha256').update(JSON.stringify(files)).digest('hex')}`;
      packages.set(digest, files);
      return digest;
    },
    async openPackage(digest) {
      const files = packages.get(digest);
      if (!files) throw new AppError('not_found', `There is no package ${digest}.`);
      const tar = pack();
      for (const { path, content, mode = 0o644 } of files) tar.entry({ name: path, mode }, content);
      tar.finalize();
      return tar.pipe(new PassThrough());
    },
  };
}
