import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { buildToolbox } from '@/lib/cli/toolbox';
import {
  startAgentProcess,
  startControlPlane,
  type TestAgent,
  type TestControlPlane,
} from './agents/control-plane';
import { ended, launch, texts } from './agents/executions';
import { loadImage, testKubeconfig } from './backends/kubernetes-harness';
import { buildDebianImage } from './support/debian-image';
import { allImages, imageUses, oneImage, writeImageSuites } from './support/image-suites';
import { describeWith } from './support/requirements';

const limitMs = 480_000;
const docker = new Docker();
const started = z.object({
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
});
const uses = Object.entries(imageUses);
const title = 'run as they are, are used, and end well when they are stopped';

let folder = '';
let plane: TestControlPlane;
let agent: TestAgent | null = null;

beforeAll(async () => {
  folder = await writeImageSuites();
  plane = await startControlPlane({
    GANTRY_SUITES: folder,
    GANTRY_KUBECONFIG: testKubeconfig,
    // As their images' users, root at first.
    GANTRY_KUBERNETES: JSON.stringify({ runAsUser: null }),
  });
}, limitMs);

afterAll(async () => {
  await agent?.end('SIGTERM');
  await plane?.close();
  await rm(folder, { recursive: true, force: true });
  for (const [, { image }] of uses) {
    await docker
      .getImage(image.tag)
      .remove({ force: true })
      .catch(() => undefined);
  }
});

/** Before the first of them is used. */
async function buildImages(): Promise<void> {
  await buildToolbox({ docker, log: () => {} });
  await Promise.all(uses.map(([, { image }]) => buildDebianImage(docker, image)));
}

describeWith(['docker', 'servers'], "Images of other people's", () => {
  beforeAll(async () => {
    await buildImages();
    const { token } = await plane.agentToken();
    agent = startAgentProcess(plane.url, token);
    await agent.until('registered');
  }, limitMs);

  for (const backend of ['local', 'remote-agent']) {
    it(`on ${backend} ${title}`, { timeout: limitMs }, async () => {
      const volumes = await volumesWhile(() => run(backend));
      for (const [id, { image }] of uses) {
        const declares = image.dockerfile.includes('VOLUME');
        expect([id, (volumes.get(id) ?? []).length > 0]).toEqual([id, declares]);
      }
      const { Volumes } = await docker.listVolumes();
      const all = [...volumes.values()].flat();
      expect(Volumes.filter(({ Name }) => all.includes(Name))).toEqual([]);
    });
  }

  it('say what a strict backend withholds from them', { timeout: limitMs }, async () => {
    const { settings } = plane.server().store;
    const strict = { id: 'strict', kind: 'local', label: 'Strict', hardening: 'strict' } as const;
    await settings.savePlatform({ backends: [{ ...strict, default: true, enabled: true }], env: {} });
    const { cause } = await ended(plane, await launch(plane, { suiteId: oneImage, backend: 'strict' }));
    expect(cause?.sentence).toContain(
      '`redis` failed: exited unexpectedly (exit code 1) while other steps needed it (it was refused something, and this capability is withheld from it: CHOWN; `capabilities: [CHOWN]` in the step gives it, a backend with `hardening: standard` gives all that images usually need): ',
    );
    await settings.savePlatform({ backends: [], env: {} });
  });
});

describeWith(['docker', 'servers', 'kubernetes'], "Images of other people's", () => {
  beforeAll(async () => {
    await buildImages();
    for (const [, { image }] of uses) await loadImage(image.tag);
  }, limitMs);

  it(`on kubernetes ${title}`, { timeout: limitMs }, async () => {
    await run('kubernetes');
  });
});

/** Resolves with the execution's id. */
async function run(backend: string): Promise<string> {
  const execution = await ended(plane, await launch(plane, { suiteId: allImages, backend }));
  const { id, status, cause, receipt } = execution;
  const logs: Record<string, string> = {};
  for (const [step] of uses) logs[step] = (await texts(plane, id, step)).join('\n');
  const ends = uses.map(([step, { stopped, stoppedInCluster = stopped }]) => {
    return [step, expect.stringMatching(backend === 'kubernetes' ? stoppedInCluster : stopped)];
  });
  expect({ status, cause, logs, left: receipt?.left }).toEqual({
    status: 'passed',
    cause: null,
    logs: Object.fromEntries(ends),
    left: [],
  });
  return id;
}

/**
 * The volumes without a name of the containers of each step: Docker tells of each container when it starts. `work` says
 * which execution it was: what an agent makes has the label of its own installation.
 */
async function volumesWhile(work: () => Promise<string>): Promise<Map<string, string[]>> {
  const filters = { event: ['start'], label: [`gantry.suite=${allImages}`] };
  const events = await docker.getEvents({ filters });
  const seen: Promise<{ execution?: string; step: string; names: string[] }>[] = [];
  const lines = createInterface({ input: events });
  lines.on('line', (line) => {
    const { ID, Attributes } = started.parse(JSON.parse(line)).Actor;
    const { 'gantry.execution': execution, 'gantry.step': step = '' } = Attributes;
    const found = volumesOf(ID).then((names) => ({ execution, step, names }));
    seen.push(found);
    // It is awaited when all is over.
    found.catch(() => undefined);
  });
  let id: string;
  try {
    id = await work();
  } finally {
    lines.close();
    if ('destroy' in events && typeof events.destroy === 'function') events.destroy();
  }
  const volumes = new Map<string, string[]>();
  for (const { execution, step, names } of await Promise.all(seen))
    if (execution === id) volumes.set(step, [...(volumes.get(step) ?? []), ...names]);
  return volumes;
}

/** None of a container that is gone already. */
async function volumesOf(container: string): Promise<string[]> {
  try {
    const { Mounts } = await docker.getContainer(container).inspect();
    return Mounts.flatMap(({ Type, Name }) =>
      Type === 'volume' && /^[0-9a-f]{64}$/.test(Name ?? '') ? [Name ?? ''] : [],
    );
  } catch (error) {
    if (notFound.safeParse(error).success) return [];
    throw error;
  }
}

const notFound = z.object({ statusCode: z.literal(404) });
