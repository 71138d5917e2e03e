import { describe, expect, it } from 'vitest';
import { openSuiteRoot } from '../../dependencies/suite-roots';
import { exampleFiles, nestedSuites } from './example-files';
import { exampleSuites, unnamedExamples } from './example-suites';

describe('docs/suites.md', () => {
  it.each(exampleSuites())(
    'shows a suite that is read and planned without a complaint: %#',
    async (files) => {
      const root = openSuiteRoot({ ...nestedSuites, example: { ...exampleFiles, ...files } });
      if (files['dependencies.yaml']) await root.lock('example');
      const { profiles } = await root.suite('example');
      for (const { name } of profiles) {
        const { warnings } = await root.plan('example', { profile: name });
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
