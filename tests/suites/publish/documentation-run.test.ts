import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { lockFolder } from '../../dependencies/lock-folder';
import { buildDebianImage, type DebianImage } from '../../support/debian-image';
import { nginxImage, postgresImage } from '../../support/official-images';
import { type RealEngine, startRealEngine } from '../../support/real-engine';
import { describeWith } from '../../support/requirements';
import { makeSuiteFolder } from '../suite-folder';
import { exampleFiles, nestedSuites } from './example-files';
import { exampleSuites } from './example-suites';

const docker = new Docker();
/** What stands in for an image that nobody has pulled: one that is made here and behaves like it. */
const standIns: Record<string, DebianImage | null> = {
  'node:22': null,
  'postgres:16': postgresImage,
  'nginx:1.27': nginxImage,
};
/** Images of which there is nothing like it here: their examples are planned and not run. */
const elsewhere = ['opensearchproject/opensearch:2', 'rabbitmq:4', `shop/api:$\{{ vars.tag }}`];
const examples = exampleSuites().map((files, at) => ({
  id: `example-${at}`,
  files,
  images: imagesOf(files),
}));
const runnable = examples.filter(({ images }) => images.every((image) => image in standIns));

describeWith(['docker', 'servers'], 'the examples of docs/suites.md', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'gantry-documentation-'));
  const tagged: string[] = [];
  let gantry: RealEngine;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => undefined });
    for (const [name, standIn] of Object.entries(standIns)) await provide(name, standIn);
    for (const [id, files] of Object.entries(nestedSuites)) makeSuiteFolder(files, path.join(root, id));
    for (const { id, files } of runnable) {
      makeSuiteFolder({ ...exampleFiles, ...files }, path.join(root, id));
      if (files['dependencies.yaml']) await lockFolder(root, id);
    }
    gantry = await startRealEngine({ suiteRoots: [root], env: { CI_DATABASE_PASSWORD: 'a-password' } });
  });
  afterAll(async () => {
    const filters = { label: [`gantry.installation=${gantry?.store.installation.id}`] };
    await gantry?.close();
    rmSync(root, { recursive: true, force: true });
    const built = await docker.listImages({ filters });
    for (const name of [...built.map(({ Id }) => Id), ...tagged]) {
      await docker.getImage(name).remove({ force: true });
    }
  });

  it('are run unless their images are nowhere', () => {
    const missing = examples.flatMap(({ images }) => images).filter((image) => !(image in standIns));
    expect([...new Set(missing)].sort()).toEqual(elsewhere);
    expect(runnable.length).toBeGreaterThanOrEqual(examples.length - elsewhere.length);
  });

  it('begin with one that runs exactly as it is printed, from a folder with nothing else', async () => {
    const [first] = examples;
    makeSuiteFolder(first?.files['suite.yaml'] ?? '', path.join(root, 'as-printed'));
    await expectPassed('as-printed');
  });

  it.each(runnable)('pass: $id', ({ id }) => expectPassed(id));

  async function expectPassed(suiteId: string): Promise<void> {
    const execution = await gantry.run({ suiteId, backend: 'local' });
    const ends = execution.steps.map(({ id, status, result }) => `${id} ${status} ${result?.reason ?? ''}`);
    expect(execution.cause, ends.join('\n')).toBeNull();
    expect(execution.status).toBe('passed');
    expect(execution.receipt?.left).toEqual([]);
  }

  /** An image of that name that is here is taken as it is. */
  async function provide(name: string, standIn: DebianImage | null): Promise<void> {
    const isHere = await docker
      .getImage(name)
      .inspect()
      .then(Boolean, () => false);
    if (isHere) return;
    if (standIn) await buildDebianImage(docker, { ...standIn, tag: name });
    else {
      const [repo = '', tag] = name.split(':');
      await docker.getImage(toolboxImage).tag({ repo, tag });
    }
    tagged.push(name);
  }
});

/** Every image that the suite file names. */
function imagesOf(files: Record<string, string>): string[] {
  const named = [...(files['suite.yaml'] ?? '').matchAll(/\bimage: "?([^\s",]+(?: vars\.tag \}\})?)/g)];
  return [...new Set(named.map(([, image = '']) => image))];
}
