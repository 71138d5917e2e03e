import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { stepInitFor } from '@/lib/backends/step-init/step-init';

/** The one of this machine's architecture, or null. */
export const ownStepInit = stepInitFor({ x64: 'amd64', arm64: 'arm64' }[String(arch())] ?? '');

/** A program file of it in a folder of its own, for the tests of this block. */
export function useStepInit(): { folder: string; file: string } {
  const place = { folder: '', file: '' };
  beforeAll(async () => {
    place.folder = await mkdtemp(path.join(tmpdir(), 'gantry-init-'));
    place.file = path.join(place.folder, 'step-init');
    await writeFile(place.file, ownStepInit ?? '', { mode: 0o755 });
  });
  afterAll(() => rm(place.folder, { recursive: true, force: true }));
  return place;
}
