import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '@/lib/clock';
import type { SuiteCatalog } from '@/lib/suites/catalog/catalog';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import { makeRoot, makeSuiteFolder } from '../suites/suite-folder';
import { silentLogger } from '../support/silent-logger';
import { openWorld, type World } from './world';

let world: World;
let catalog: SuiteCatalog;

beforeEach(async () => {
  const root = makeRoot();
  makeSuiteFolder('steps: { lint: { kind: test, run: "true", image: x } }', `${root}/fine`);
  makeSuiteFolder(
    {
      'suite.yaml': `steps:
  api: { kind: task, build: { dockerfile: api/Dockerfile, args: { TAG: "22" } } }
  own: { kind: task, build: { dockerfile_inline: "FROM shop/own:1" } }
  last: { kind: task, image: shop/app:1, run: "true" }
`,
      'api/Dockerfile': 'ARG TAG\nFROM node:$TAG\n',
    },
    `${root}/built`,
  );
  catalog = openFolderCatalog({ clock: systemClock, logger: silentLogger }, [root]);
  world = await openWorld();
});
afterEach(async () => {
  await world.close();
  await catalog.close();
});

it('warns at the launch of images that may not come, and asks registries for them then alone', async () => {
  const engine = world.startEngine({ catalog });
  const missingImages = vi.spyOn(world.backend, 'missingImages');
  missingImages.mockResolvedValue(['The image x is not there.']);
  const { warnings } = await engine.preview({ suiteId: 'fine' });
  expect(warnings).toEqual(['The image x is not there.']);
  expect(missingImages.mock.lastCall?.[1]).toBeNull();
  const { summary } = await engine.launch({ suiteId: 'fine' }, 'ada', null);
  expect((await world.ended(summary.id)).warnings).toEqual(warnings);
  expect(missingImages.mock.lastCall?.[1]).toEqual({ registryLogin: expect.any(Function) });
});

it('leaves what builds begin with to the builds', async () => {
  const engine = world.startEngine({ catalog });
  const missingImages = vi.spyOn(world.backend, 'missingImages');
  await engine.preview({ suiteId: 'built' });
  expect(missingImages.mock.lastCall?.[0].map(({ name, steps }) => [name, steps])).toEqual([
    ['shop/app:1', ['last']],
  ]);
});
