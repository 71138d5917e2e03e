import Docker from 'dockerode';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { imagesToLookUp } from '@/lib/backends/images-to-look-up';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { systemClock } from '@/lib/clock';
import type { PlannedNode } from '@/lib/model/node';
import { makePlan } from '../support/plan';
import { describeWith, engineName } from '../support/requirements';
import { createPackages } from './contract/package-content';
import { quietLogger } from './docker-harness';
import { openFailingRegistry } from './failing-registry';

const here = 'gantry-look-up/app:dev';
const misspelt = 'gantry-look-up/ap:dev';
const otherTag = 'gantry-look-up/app:1.2';
const notHere = `it is not on this ${engineName} daemon`;
// Podman cannot be asked what a registry has.
const isPodman = engineName === 'Podman';

describeWith('docker', 'Before a launch, Docker', () => {
  const docker = new Docker();
  let backend: Backend;

  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    await docker.getImage(toolboxImage).tag({ repo: 'gantry-look-up/app', tag: 'dev' });
  });
  beforeEach(() => {
    const { openPackage } = createPackages();
    const deps = { clock: systemClock, logger: quietLogger, openPackage };
    backend = createDockerBackend(deps, { id: 'local', installation: 'docker-look-up-test' });
  });
  afterAll(() => docker.getImage(here).remove());

  const planOf = (nodes: Partial<PlannedNode>[]) =>
    makePlan({ nodes: nodes.map((node, index) => ({ id: `step-${index}`, ...node })) });
  const lookUp = async (
    nodes: Partial<PlannedNode>[],
    registries: { registryLogin(): Promise<null> } | null,
  ) =>
    ((await backend.missingImages?.(imagesToLookUp(planOf(nodes)), registries)) ?? []).filter(
      (each) => each !== null,
    );
  const missing = (...nodes: Partial<PlannedNode>[]) => lookUp(nodes, { registryLogin: async () => null });
  const missingHere = (...nodes: Partial<PlannedNode>[]) => lookUp(nodes, null);

  test('says nothing of images that are here, that a build makes or that a step names when it starts', async () => {
    const build = { context: '.', dockerfile: 'Dockerfile', inline: null, target: null, args: {} };
    const late = [{ at: ['image'], text: '', parts: ['x/', { execution: 'id' as const }], vars: {} }];
    expect(
      await missing(
        { image: here, pull: 'never' },
        { image: null },
        { build },
        { image: 'x/', templates: late },
      ),
    ).toEqual([]);
  });

  test('knows of an image that may not be pulled and is not here, with its steps and the one that is meant', async () => {
    const node = { image: misspelt, pull: 'never' as const };
    expect(await missing(node, node, { image: here })).toEqual([
      `The image ${misspelt} of \`step-0\`, \`step-1\` is not there: ${notHere}, and the step says pull: never. Did you mean ${here}, which is here?`,
    ]);
    const moved = { image: misspelt, pinnedImage: here, pull: 'never' as const };
    expect(await missing(moved)).toEqual([]);
  });

  test.skipIf(isPodman)('names what is meant where the first word of a name is no registry', async () => {
    const [found, ...others] = await missing({ image: misspelt });
    expect(others).toEqual([]);
    expect(found).toContain(`The image ${misspelt} of \`step-0\` is not there: ${notHere}, and `);
    expect(found).toMatch(/ Did you mean gantry-look-up\/app:dev, which is here\?$/);
  });

  test('asks no registry where only the engine is looked at', async () => {
    const registry = await openFailingRegistry();
    try {
      const far = `${registry.host}/team/image:1`;
      const nodes = [{ image: far }, { image: misspelt }, { image: here }, { image: otherTag }];
      expect(await missingHere(...nodes)).toEqual([
        `The image ${misspelt} of \`step-1\` is not there: ${notHere}, and would be pulled from docker.io. Did you mean ${here}, which is here?`,
      ]);
      expect(await missingHere({ image: far, pull: 'never' }, { image: otherTag, pull: 'never' })).toEqual([
        `The image ${far} of \`step-0\` is not there: ${notHere}, and the step says pull: never.`,
        `The image ${otherTag} of \`step-1\` is not there: ${notHere}, and the step says pull: never. Did you mean ${here}, which is here?`,
      ]);
      expect(registry.refusedAtMs).toEqual([]);
    } finally {
      await registry.close();
    }
  });

  test.skipIf(isPodman).each([
    {
      status: 404,
      code: 'MANIFEST_UNKNOWN',
      said: /, and HOST does not have it\.$/,
    },
    {
      status: 403,
      code: 'DENIED',
      said: /, and it may not be pulled: HOST asks for a login, and there is none for it\. Add one under Settings, Registries, /,
    },
    {
      status: 429,
      code: 'TOOMANYREQUESTS',
      said: /, and it cannot be pulled now: HOST limits how often images are pulled\. Wait/,
    },
    { status: 500, code: 'UNKNOWN', said: /, and HOST did not tell whether it has it: / },
  ])('asks the registry of an image once, which may answer $status', async ({ status, code, said }) => {
    const registry = await openFailingRegistry();
    registry.answers = [{ status, body: { errors: [{ code, message: 'said by the test' }] } }];
    try {
      const node = { image: `${registry.host}/team/image:1` };
      const [found, ...others] = await missing(node, node);
      expect(others).toEqual([]);
      expect(found?.replaceAll(registry.host, 'HOST')).toMatch(said);
      const asked = registry.refusedAtMs.length;
      expect(asked).toBeGreaterThan(0);
      expect(await missing(node, node)).toEqual([found]);
      expect(registry.refusedAtMs).toHaveLength(asked);
    } finally {
      await registry.close();
    }
  });
});
