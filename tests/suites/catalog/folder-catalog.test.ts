import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Logger } from '@/lib/model/logger';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import type { WorkerClientOptions } from '@/lib/threads/worker-client';
import { createFakeClock, type FakeClock } from '../../support/fake-clock';
import { silentLogger } from '../../support/silent-logger';
import { makeRoot, makeSuiteFolder } from '../suite-folder';

const valid = (title: string) => `title: ${title}\nsteps: { a: { kind: task, run: a } }`;

function open(
  roots: string[],
  given: { clock?: FakeClock; logger?: Logger; options?: WorkerClientOptions } = {},
) {
  const clock = given.clock ?? createFakeClock();
  const catalog = openFolderCatalog({ clock, logger: given.logger ?? silentLogger }, roots, given.options);
  onTestFinished(() => catalog.close());
  return {
    catalog,
    /** As after half a second, when it looks at the folders again. */
    async listAgain() {
      await clock.advance(500);
      return catalog.list();
    },
  };
}

describe('the suites below a root', () => {
  it('are its folders with a suite.yaml, in order of id; one that is not valid hides no other', async () => {
    const root = makeRoot();
    makeSuiteFolder(valid('One'), path.join(root, 'b-one'));
    makeSuiteFolder('id: a-two\nsteps: { a: { kind: task, run: a } }', path.join(root, 'z'));
    makeSuiteFolder('steps: [', path.join(root, 'broken'));
    makeSuiteFolder({ 'README.md': 'no suite' }, path.join(root, 'notes'));
    makeSuiteFolder({ 'inner/suite.yaml': valid('Too deep') }, path.join(root, 'outer'));
    writeFileSync(path.join(root, 'suite.yaml'), valid('Not in a folder'));
    const entries = await open([root]).catalog.list();
    expect(entries.map(({ id, suite, problems }) => [id, suite?.title, problems.length > 0])).toEqual([
      ['a-two', 'a-two', false],
      ['b-one', 'One', false],
      ['broken', undefined, true],
    ]);
  });

  it('are read again when a file changes, comes or goes, and only then', async () => {
    const root = makeRoot();
    const folder = makeSuiteFolder(valid('Before'), path.join(root, 'demo'));
    const other = makeSuiteFolder(valid('Other'), path.join(root, 'other'));
    const { catalog, listAgain } = open([root]);
    const [before, otherBefore] = await catalog.list();
    writeFileSync(path.join(folder, 'suite.yaml'), valid('Behind'));
    expect((await catalog.list())[0]).toBe(before);
    const [after, otherAfter] = await listAgain();
    expect(after?.suite?.title).toBe('Behind');
    expect(otherAfter).toBe(otherBefore);
    makeSuiteFolder({ 'lib/deep/data.txt': 'x' }, folder);
    const [grown] = await listAgain();
    expect(grown?.suite?.packageDigest).not.toBe(after?.suite?.packageDigest);
    makeSuiteFolder({ 'lib/deep/data.txt': 'y' }, folder);
    const [edited] = await listAgain();
    expect(edited?.suite?.packageDigest).not.toBe(grown?.suite?.packageDigest);
    rmSync(other, { recursive: true });
    expect((await listAgain()).map(({ id }) => id)).toEqual(['demo']);
    renameSync(folder, path.join(root, 'renamed'));
    expect((await listAgain()).map(({ id }) => id)).toEqual(['renamed']);
  });

  it('may break and be mended', async () => {
    const root = makeRoot();
    const folder = makeSuiteFolder(valid('Fine'), path.join(root, 'demo'));
    makeSuiteFolder(valid('Other'), path.join(root, 'other'));
    const { catalog, listAgain } = open([root]);
    await catalog.list();
    writeFileSync(path.join(folder, 'suite.yaml'), 'steps: { a: { kind: tsk, run: a } }');
    const broken = await listAgain();
    expect(broken.map(({ id, suite }) => [id, suite !== null])).toEqual([
      ['demo', false],
      ['other', true],
    ]);
    expect(broken[0]?.problems[0]).toMatchObject({ file: 'suite.yaml', line: 1, column: 21 });
    writeFileSync(path.join(folder, 'suite.yaml'), valid('Mended'));
    expect((await listAgain())[0]?.suite?.title).toBe('Mended');
  });

  it('keep the first of two folders with one id, and the second is told who has it', async () => {
    const [one, two] = [makeRoot(), makeRoot()];
    const first = makeSuiteFolder('id: same\nsteps: { a: { kind: task, run: a } }', path.join(one, 'z'));
    makeSuiteFolder('title: x\nid: same\nsteps: { a: { kind: task, run: a } }', path.join(two, 'a'));
    const { catalog } = open([one, two]);
    expect(await catalog.get('same')).toMatchObject({ folder: first, problems: [] });
    expect((await catalog.list()).filter(({ suite }) => !suite)).toMatchObject([
      {
        id: 'same',
        problems: [
          {
            file: 'suite.yaml',
            line: 2,
            column: 1,
            message: `expected an id of its own, found "same", which the suite in ${first} has`,
          },
        ],
      },
    ]);
  });

  it('are none while the root is missing, which is said once, and come with it', async () => {
    const root = path.join(makeRoot(), 'later');
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (...words: unknown[]) => warnings.push(words) };
    const { catalog, listAgain } = open([root], { logger });
    expect(await catalog.list()).toEqual([]);
    expect(await listAgain()).toEqual([]);
    expect(warnings).toHaveLength(1);
    makeSuiteFolder(valid('Now'), path.join(root, 'demo'));
    expect((await listAgain()).map(({ id }) => id)).toEqual(['demo']);
  });

  it('may be links to folders elsewhere', async () => {
    const root = makeRoot();
    symlinkSync(makeSuiteFolder(valid('Elsewhere')), path.join(root, 'linked'));
    expect((await open([root]).catalog.list()).map(({ id, suite }) => [id, suite?.title])).toEqual([
      ['linked', 'Elsewhere'],
    ]);
  });
});

describe('a package of the catalog', () => {
  it('is refused when the folder changed since it was read, and when the suite is not valid', async () => {
    const root = makeRoot();
    const folder = makeSuiteFolder(valid('Demo'), path.join(root, 'demo'));
    makeSuiteFolder('steps: 1', path.join(root, 'broken'));
    const { catalog } = open([root]);
    const [broken, demo] = await catalog.list();
    if (!broken || !demo) throw new Error('expected two entries');
    expect(await catalog.openPackage(demo)).toBeDefined();
    writeFileSync(path.join(folder, 'new.txt'), '');
    await expect(catalog.openPackage(demo)).rejects.toMatchObject({ code: 'conflict' });
    await expect(catalog.openPackage(broken)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('the reading thread', () => {
  it('is given up when it does not start, and the next question has a new one', async () => {
    const root = makeRoot();
    makeSuiteFolder(valid('Fine'), path.join(root, 'fine'));
    const clock = createFakeClock();
    const { catalog } = open([root], { clock });
    const refused = expect(catalog.list()).rejects.toMatchObject({
      code: 'overloaded',
      message: 'the reading thread did not start within 60 s',
    });
    await clock.whenSleeping(60_000);
    await clock.advance(60_000);
    await refused;
    expect((await catalog.list()).map(({ suite }) => suite?.title)).toEqual(['Fine']);
  });
});
