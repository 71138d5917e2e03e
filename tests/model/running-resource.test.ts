import { expect, it } from 'vitest';
import { isRunning } from '@/lib/model/running-resource';

it.each([
  [{ state: 'running' }, true],
  [{ state: 'exited' }, false],
  [{ state: 'running', ahead: 'standing' as const }, false],
  [{ state: 'created', ahead: 'prepared' as const }, false],
])('a container counts as running when a program of its step runs: %o', (resource, expected) => {
  expect(isRunning(resource)).toBe(expected);
});
