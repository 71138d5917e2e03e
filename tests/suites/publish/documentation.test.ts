import { describe, expect, it } from 'vitest';
import { makePlan } from '@/lib/planning/make-plan';
import { readValid } from '../suite-folder';
import { exampleSuites } from './example-suites';

/** The files that the examples put into their containers. */
const placed = {
  'api/Dockerfile': '',
  'tests/Dockerfile': '',
  'web/nginx.conf': '',
  'web/certs/server.pem': '',
  'config/app.env': 'LOG_LEVEL=debug',
};

describe('docs/suites.md', () => {
  it.each(exampleSuites())('shows a suite that is read and planned without a complaint: %#', (files) => {
    const suite = readValid({ ...placed, ...files });
    for (const { name } of suite.profiles) {
      const { warnings } = makePlan(suite, { profile: name, platformEnv: {}, env: {} });
      // The programs of an example are not shown.
      expect(warnings.filter((warning) => !warning.endsWith('which is not in the package'))).toEqual([]);
    }
  });
});
