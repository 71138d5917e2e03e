import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { lockSuite } from '../../dependencies/lock-suite';
import { buildDebianImage, type DebianImage } from '../../support/debian-image';
import { nginxImage, postgresImage } from '../../support/official-images';
import { type RealEngine, startRealEngine } from '../../support/real-engine';
import { describeWith } from '../../support/requirements';
import { makeSuiteFolder } from '../suite-folder';
import { exampleFiles, nestedSuites } from './example-files';
import { exampleSuites } from './example-suites';

const docker = new Docker();
/** What stands in for the images that the examples name: images that are made here and behave like them. */
const standIns: Record<string, DebianImage | null> = {
  'node:22': null,
  'postgres:16': { ...postgresImage, tag: 'gantry-test/docs-postgres:16' },
  'nginx:1.27': { ...nginxImage, tag: 'gantry-test/docs-nginx:1.27' },
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
  let gantry: RealEngine;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => undefined });
    for (const standIn of Object.values(standIns)) if (standIn) await buildDebianImage(docker, standIn);
    for (const [id, files] of Object.entries(nestedSuites)) {
      makeSuiteFolder(withStandIns(files), path.join(root, id));
    }
    for (const { id, files } of runnable) {
      makeSuiteFolder(withStandIns({ ...exampleFiles, ...files }), path.join(root, id));
      if (files['dependencies.yaml']) await lockSuite(root, id);
    }
    const first = { 'suite.yaml': examples[0]?.files['suite.yaml'] ?? '' };
    makeSuiteFolder(withStandIns(first), path.join(root, 'as-printed'));
    gantry = await startRealEngine({ suiteRoots: [root], env: { CI_DATABASE_PASSWORD: 'a-password' } });
  });
  afterAll(async () => {
    const filters = { label: [`gantry.installation=${gantry?.store.installation.id}`] };
    await gantry?.close();
    rmSync(root, { recursive: true, force: true });
    const built = await docker.listImages({ filters });
    const tags = Object.values(standIns).flatMap((standIn) => (standIn ? [standIn.tag] : []));
    for (const name of [...built.map(({ Id }) => Id), ...tags]) {
      await docker.getImage(name).remove({ force: true });
    }
  });

  it('are run unless their images are nowhere', () => {
    const missing = examples.flatMap(({ images }) => images).filter((image) => !(image in standIns));
    expect([...new Set(missing)].sort()).toEqual(elsewhere);
    expect(runnable.length).toBeGreaterThanOrEqual(examples.length - elsewhere.length);
  });

  it.concurrent('begin with one that runs as it is printed, from a folder with nothing else', () =>
    expectPassed('as-printed'));

  // The first has passed as it is printed.
  it.concurrent.each(runnable.slice(1))('pass: $id', ({ id }) => expectPassed(id));

  async function expectPassed(suiteId: string): Promise<void> {
    const execution = await gantry.run({ suiteId, backend: 'local' });
    const ends = execution.steps.map(({ id, status, result }) => `${id} ${status} ${result?.reason ?? ''}`);
    expect(execution.cause, ends.join('\n')).toBeNull();
    expect(execution.status).toBe('passed');
    expect(execution.receipt?.left).toEqual([]);
  }
});

/** The same files with the names of the images that stand in; all else stays as it is printed. */
function withStandIns(files: Record<string, string>): Record<string, string> {
  const nameOf = (image: string) => (image in standIns ? (standIns[image]?.tag ?? toolboxImage) : image);
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => [
      file,
      /(?:^|\/)(?:suite\.yaml|Dockerfile)$/.test(file)
        ? text.replace(/(\bimage: "?|^FROM )([^\s",]+)/gm, (_, before, image) => `${before}${nameOf(image)}`)
        : text,
    ]),
  );
}

/** Every image that the suite file names. */
function imagesOf(files: Record<string, string>): string[] {
  const named = [...(files['suite.yaml'] ?? '').matchAll(/\bimage: "?([^\s",]+(?: vars\.tag \}\})?)/g)];
  return [...new Set(named.map(([, image = '']) => image))];
}
