import { describe, expect, it } from 'vitest';
import { makePlan } from '@/lib/planning/make-plan';
import { readValid } from '../suites/suite-folder';

const files = {
  'suite.yaml': `
steps:
  db: { kind: service, run: a, ports: [1] }
  queue: { kind: service, run: a, ports: [2] }
  migrate: { kind: task, run: a, after: [db] }
  api: { kind: service, run: a, ports: [3], after: [migrate, queue] }
  smoke: { kind: test, run: a, after: [api] }
  load: { kind: test, run: a, after: [api] }
  dump: { kind: task, run: a, on_failure: [smoke] }
  lint: { kind: test, run: a }
`,
  'profiles/quick.yaml': 'steps: { load: { skip: true } }',
};

function planOnly(onlySteps: string[], profile: string | null = null) {
  return makePlan(readValid(files), { profile, platformEnv: {}, env: {}, onlySteps });
}
const idsOf = (...only: string[]) => planOnly(only).nodes.map(({ id }) => id);

describe('a launch of some steps', () => {
  it('has these with all that they wait for, in ready order', () => {
    expect(idsOf('smoke')).toEqual(['db', 'queue', 'migrate', 'api', 'smoke']);
    expect(idsOf('lint')).toEqual(['lint']);
    expect(idsOf('lint', 'migrate', 'lint')).toEqual(['db', 'migrate', 'lint']);
    expect(idsOf('dump')).toEqual(['db', 'queue', 'migrate', 'api', 'smoke', 'dump']);
  });

  it('has the mocks that a test resets, before it', () => {
    const mocked = `
steps:
  checkout: { kind: test, run: a, reset_mocks: payments }
  payments: { kind: mock, run: a, ports: [1], reset: { http: POST /__reset } }
  other: { kind: test, run: a }`;
    const { nodes } = makePlan(readValid({ 'suite.yaml': mocked }), {
      profile: null,
      platformEnv: {},
      env: {},
      onlySteps: ['checkout'],
    });
    expect(nodes.map(({ id, after }) => [id, after])).toEqual([
      ['payments', []],
      ['checkout', ['payments']],
    ]);
  });

  it('is kept with the plan, for whoever repeats it', () => {
    expect(planOnly(['lint']).launchValues).toEqual({ vars: {}, images: {}, onlySteps: ['lint'] });
  });

  it.each([
    [['smok'], null, 'onlySteps[0] expected the id of a step that runs, found "smok"; did you mean "smoke"?'],
    [
      ['lint', 'load'],
      'quick',
      'onlySteps[1] the profile "quick" leaves the step load out: choose another profile',
    ],
  ])('of %j under %j says what is wrong', (only, profile, expected) => {
    let issues: string[] = [];
    try {
      planOnly(only, profile);
    } catch (error) {
      const { issues: found } = error as { issues: { path: string; message: string }[] };
      issues = found.map(({ path, message }) => `${path} ${message}`);
    }
    expect(issues).toEqual([expected]);
  });
});
