import { expect, it } from 'vitest';
import { problemsOf, readValid } from '../suite-folder';

const steps = 'steps: { a: { kind: task, run: "true" } }';

it('is read with its defaults: a group of the suite itself, one at a time', () => {
  expect(readValid(`id: shop\nconcurrency: {}\n${steps}`).concurrency).toEqual({
    group: 'shop',
    max: 1,
    cancelRunning: false,
  });
  expect(readValid(steps).concurrency).toBeNull();
  expect(
    readValid(`concurrency: { group: deploy, max: 3, cancel_running: true }\n${steps}`).concurrency,
  ).toEqual({ group: 'deploy', max: 3, cancelRunning: true });
});

it('is refused with its place when it makes no sense', () => {
  expect(problemsOf(`concurrency: { max: 0, cancel: true }\n${steps}`)).toEqual([
    'suite.yaml:1:21 concurrency.max: expected a number of executions from 1 to 1000, found 0',
    'suite.yaml:1:24 concurrency: unknown key "cancel"; known are group, max, cancel_running',
  ]);
});
