import { expect, it } from 'vitest';
import { createStepEnds } from '@/lib/engine/step-ends';
import { makePlan } from '../support/plan';

const { nodes } = makePlan({
  nodes: [
    { id: 'db', kind: 'service' },
    { id: 'api', kind: 'service', after: ['db'] },
    { id: 'smoke', kind: 'test', after: ['api'] },
    { id: 'seed', after: ['db'] },
    { id: 'report', after: ['smoke'], onFailure: ['seed'] },
    { id: 'metrics', kind: 'service' },
    { id: 'alone' },
  ],
});

const at = (endedAtMs: number, endClock?: string) => ({ endedAtMs, ...(endClock ? { endClock } : {}) });

it('a service was needed until the last step ended that comes after it, through others too', () => {
  const ends = createStepEnds(nodes);
  expect(ends.neededUntilMs('db')).toBeNull();
  ends.note('seed', at(10));
  ends.note('api', at(99));
  ends.note('alone', at(80));
  expect(ends.neededUntilMs('db')).toBe(10);
  expect(ends.neededUntilMs('api')).toBeNull();
  ends.note('smoke', at(30));
  ends.note('report', at(40));
  expect(['db', 'api'].map((id) => ends.neededUntilMs(id))).toEqual([40, 40]);
});

it('one that nothing comes after was needed by all, and an end without a time counts for nothing', () => {
  const ends = createStepEnds(nodes);
  ends.note('smoke', at(30));
  ends.note('alone', {});
  expect(ends.neededUntilMs('metrics')).toBe(30);
});

it('times of another machine count for nothing', () => {
  const ends = createStepEnds(nodes);
  ends.note('seed', at(10, 'node-a'));
  ends.note('report', at(40, 'node-b'));
  expect(ends.neededUntilMs('db', 'node-a')).toBe(10);
  expect(ends.neededUntilMs('db', 'node-c')).toBeNull();
});
