import { expect, it } from 'vitest';
import { assignSteps, type WaitingStep } from '@/lib/store/postgres/assign-steps';
import type { ClaimingAgent } from '@/lib/store/postgres/claiming-agents';

function assign(
  agents: Record<string, Partial<ClaimingAgent>>,
  steps: Partial<WaitingStep>[],
  claims = Object.keys(agents),
) {
  const known = Object.entries(agents).map(([id, agent]): [string, ClaimingAgent] => [
    id,
    { id, tokenId: 't', instance: 'i', tags: [], isDraining: false, isHeard: true, isFresh: true, ...agent },
  ]);
  return assignSteps(
    claims.map((agentId, index) => ({ agentId, tokenId: 't', instance: null, claimId: null, index })),
    new Map(known),
    steps.map((step, index) => ({
      id: `s${index}`,
      executionId: `e${index}`,
      agentId: null,
      tags: [],
      ...step,
    })),
  ).map(({ stepId, index, agentId }) => `${stepId} ${index} ${agentId}`);
}

it('the oldest step goes to the first claim that may take it', () => {
  expect(assign({ a: {}, b: {} }, [{}, {}, {}])).toEqual(['s0 0 a', 's1 1 b']);
  expect(assign({ a: {}, b: { tags: ['gpu'] } }, [{ tags: ['gpu'] }, {}])).toEqual(['s0 1 b', 's1 0 a']);
  expect(assign({ a: {} }, [{}, {}], ['a', 'a'])).toEqual(['s0 0 a', 's1 1 a']);
});

it('all steps of an execution go to the agent that has it, or that is being given it', () => {
  const one = { executionId: 'e' };
  expect(assign({ a: {}, b: {} }, [one, one, {}])).toEqual(['s0 0 a', 's2 1 b']);
  expect(assign({ a: {}, b: {} }, [one, one], ['a', 'b', 'a'])).toEqual(['s0 0 a', 's1 2 a']);
  expect(assign({ a: {}, b: {} }, [{ agentId: 'b' }, { agentId: 'c' }])).toEqual(['s0 1 b']);
});

it('one that drains takes only what it has begun, and one that is not heard of nothing', () => {
  expect(assign({ a: { isDraining: true } }, [{}, { agentId: 'a' }])).toEqual(['s1 0 a']);
  expect(assign({ a: { isHeard: false } }, [{}, { agentId: 'a' }])).toEqual([]);
});
