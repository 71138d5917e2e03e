import { rm } from 'node:fs/promises';
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
import { buildDebianImage, type DebianImage } from './support/debian-image';
import { type ImageSuite, imageSuites, writeImageSuites } from './support/image-suites';
import { describeWith } from './support/requirements';

const limitMs = 300_000;
const docker = new Docker();
const started = z.object({ Actor: z.object({ ID: z.string() }) });
const ids = Object.keys(imageSuites);
const title = 'run as they are, are used, and end well when they are stopped: %s';

const builds = new Map<string, Promise<void>>();

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
  for (const { image } of Object.values(imageSuites)) {
    await docker
      .getImage(image.tag)
      .remove({ force: true })
      .catch(() => undefined);
  }
});

describeWith(['docker', 'servers'], "Images of other people's", () => {
  beforeAll(async () => {
    await buildToolbox({ docker, log: () => {} });
    const { token } = await plane.agentToken();
    agent = startAgentProcess(plane.url, token);
    await agent.until('registered');
  }, limitMs);

  for (const backend of ['local', 'remote-agent']) {
    it.each(ids)(`on ${backend} ${title}`, { timeout: limitMs }, async (suiteId) => {
      const volumes = await volumesWhile(suiteId, () => run(suiteId, backend));
      const declares = imageOf(suiteId).dockerfile.includes('VOLUME');
      expect(volumes.length).toBeGreaterThanOrEqual(declares ? 1 : 0);
      const { Volumes } = await docker.listVolumes();
      expect(Volumes.filter(({ Name }) => volumes.includes(Name))).toEqual([]);
    });
  }

  it('say what a strict backend withholds from them', { timeout: limitMs }, async () => {
    const { settings } = plane.server().store;
    const strict = { id: 'strict', kind: 'local', label: 'Strict', hardening: 'strict' } as const;
    await built('redis');
    await settings.savePlatform({ backends: [{ ...strict, default: true, enabled: true }], env: {} });
    const { cause } = await ended(plane, await launch(plane, { suiteId: 'redis', backend: 'strict' }));
    expect(cause?.sentence).toContain(
      '`db` failed: exited unexpectedly (exit code 1) while other steps needed it (it was refused something, and this capability is withheld from it: CHOWN; `capabilities: [CHOWN]` in the step gives it, a backend with `hardening: standard` gives all that images usually need): ',
    );
    await settings.savePlatform({ backends: [], env: {} });
  });
});

describeWith(['docker', 'servers', 'kubernetes'], "Images of other people's", () => {
  beforeAll(() => buildToolbox({ docker, log: () => {} }), limitMs);

  it.each(ids)(`on kubernetes ${title}`, { timeout: limitMs }, (suiteId) => run(suiteId, 'kubernetes'));
});

async function run(suiteId: string, backend: string): Promise<void> {
  await built(suiteId);
  if (backend === 'kubernetes') await loadImage(imageOf(suiteId).tag);
  const execution = await ended(plane, await launch(plane, { suiteId, backend }));
  const { status, cause, receipt } = execution;
  const log = (await texts(plane, execution.id, 'db')).join('\n');
  expect({ status, cause, log, left: receipt?.left }).toEqual({
    status: 'passed',
    cause: null,
    log: expect.stringMatching(endOf(suiteId, backend)),
    left: [],
  });
}

/** The volumes without a name of the suite's containers: Docker tells of each container when it starts. */
async function volumesWhile(suiteId: string, work: () => Promise<void>): Promise<string[]> {
  const filters = { event: ['start'], label: [`gantry.suite=${suiteId}`] };
  const events = await docker.getEvents({ filters });
  const seen: Promise<string[]>[] = [];
  events.on('data', (chunk: Buffer) => {
    for (const line of String(chunk).split('\n').filter(Boolean))
      seen.push(volumesOf(started.parse(JSON.parse(line)).Actor.ID));
  });
  try {
    await work();
  } finally {
    events.removeAllListeners('data');
    if ('destroy' in events && typeof events.destroy === 'function') events.destroy();
  }
  return (await Promise.all(seen)).flat();
}

async function volumesOf(container: string): Promise<string[]> {
  const { Mounts } = await docker.getContainer(container).inspect();
  return Mounts.flatMap(({ Type, Name }) =>
    Type === 'volume' && /^[0-9a-f]{64}$/.test(Name ?? '') ? [Name ?? ''] : [],
  );
}

/** For one backend after the other. */
function built(suiteId: string): Promise<void> {
  const known = builds.get(suiteId) ?? buildDebianImage(docker, imageOf(suiteId));
  builds.set(suiteId, known);
  return known;
}

function endOf(suiteId: string, backend: string): RegExp {
  const { stopped, stoppedInCluster = stopped } = suiteOf(suiteId);
  return backend === 'kubernetes' ? stoppedInCluster : stopped;
}

function imageOf(suiteId: string): DebianImage {
  return suiteOf(suiteId).image;
}

function suiteOf(suiteId: string): ImageSuite {
  const suite = imageSuites[suiteId];
  if (!suite) throw new Error(`there is no suite ${suiteId}`);
  return suite;
}
