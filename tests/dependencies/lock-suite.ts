import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '@/lib/clock';
import { createFinder } from '@/lib/dependencies/create-finder';
import { makeLock } from '@/lib/dependencies/make-lock';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import { plainClient } from '../support/plain-client';
import { silentLogger } from '../support/silent-logger';

/** `gantry lock` of a suite whose nested suites lie beside it. */
export async function lockSuite(root: string, id: string): Promise<void> {
  const catalog = openFolderCatalog({ clock: systemClock, logger: silentLogger }, [root]);
  try {
    const remote = { clock: systemClock, limitMs: 5_000 };
    const finder = createFinder({
      catalog,
      git: { ...remote, environment: {} },
      registry: { outgoing: plainClient, limitMs: 5_000, credentials: async () => null, insecure: [] },
      cacheFolder: path.join(root, '.kept'),
    });
    const { suite } = await catalog.read(path.join(root, id));
    if (!suite) throw new Error(`${id} is not valid`);
    writeFileSync(path.join(root, id, 'dependencies.lock.yaml'), await makeLock({ finder, catalog }, suite));
  } finally {
    await catalog.close();
  }
}
