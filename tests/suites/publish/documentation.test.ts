import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSuiteRoot, type SuiteRoot } from '../../dependencies/suite-roots';
import { exampleFiles, nestedSuites } from './example-files';
import { exampleSuites, unnamedExamples } from './example-suites';

const examples = exampleSuites().map((files, at) => ({ id: `example-${at}`, files }));

describe('docs/suites.md', () => {
  let root: SuiteRoot;
  const undo: (() => Promise<void> | void)[] = [];
  beforeAll(() => {
    const folders = examples.map(({ id, files }) => [id, { ...exampleFiles, ...files }]);
    root = openSuiteRoot({ ...nestedSuites, ...Object.fromEntries(folders) }, undefined, (each) =>
      undo.push(each),
    );
  });
  afterAll(async () => {
    for (const each of undo.reverse()) await each();
  });

  it.each(examples)(
    'shows a suite that is read and planned without a complaint: $id',
    async ({ id, files }) => {
      if (files['dependencies.yaml']) await root.lock(id);
      const { profiles } = await root.suite(id);
      for (const { name } of profiles) {
        const { warnings } = await root.plan(id, { profile: name });
        // The programs of an example are not shown.
        expect(warnings.filter((warning) => !warning.endsWith('which is not in the package'))).toEqual([]);
      }
    },
  );

  it('shows no YAML that is no file of a suite, but the line for editors', () => {
    expect(unnamedExamples()).toEqual([expect.stringMatching(/^ # yaml-language-server: /)]);
  });

  it('begins with a database, an API that is built, a test and results', () => {
    const [database, api, test, results] = exampleSuites().map((files) => files['suite.yaml'] ?? '');
    expect(database).toContain('image: postgres:16');
    expect(api).toContain('build: api');
    expect(test).toContain('run: node tests/smoke.test.js');
    expect(results).toContain('format: junit');
  });
});
