import { expect, it } from 'vitest';
import { explainWait } from '@/lib/backends/remote/explain-wait';
import type { AgentSummary } from '@/lib/model/agent';

const at = '2026-01-01T10:00:00.000Z';

function agentWith(change: Partial<AgentSummary>): AgentSummary {
  return {
    id: 'ada',
    state: 'online',
    plain: false,
    tags: ['linux'],
    capacity: 1,
    version: '0.5.0',
    problem: null,
    registeredAt: at,
    lastSeenAt: at,
    drain: null,
    token: { id: 't', name: 't', revoked: false, expiresAt: null, expired: false },
    jobs: [],
    environments: 0,
    ...change,
  };
}

const busy = { executionId: 'e-1', stepId: 'check', attempt: 1, phase: 'running' };
const drain = { reason: 'new disk', by: 'eve', at };

it.each<[string, AgentSummary[], string[], string]>([
  ['nobody', [], [], 'no agent is registered: the agents page says how to add one'],
  ['a tag that nobody has', [agentWith({})], ['gpu'], 'no agent has the tag gpu'],
  [
    'tags that nobody has together',
    [agentWith({}), agentWith({ id: 'bob', tags: ['gpu'] })],
    ['gpu', 'linux'],
    'no agent has all of the tags gpu, linux',
  ],
  [
    'the only one, which is drained',
    [agentWith({ state: 'draining', drain })],
    [],
    `waiting for an agent: agent ada is drained by eve since ${at} (new disk)`,
  ],
  [
    'one that is busy beside one that is offline',
    [agentWith({ jobs: [busy] }), agentWith({ id: 'bob', state: 'offline' })],
    ['linux'],
    `waiting for an agent: agent ada is busy with a step of another execution; agent bob is offline since ${at}`,
  ],
  [
    'one that is busy with its own steps and with those of others, which it does not name',
    [
      agentWith({
        capacity: 3,
        jobs: [busy, { ...busy, executionId: 'own' }, { ...busy, executionId: 'e-2' }],
      }),
    ],
    [],
    'waiting for an agent: agent ada is busy with check and 2 steps of other executions',
  ],
  [
    'one whose Docker is away',
    [agentWith({ problem: 'Docker does not answer' })],
    [],
    'waiting for an agent: agent ada cannot run steps: Docker does not answer',
  ],
  [
    'one that runs a service alone, which takes no place',
    [agentWith({ jobs: [{ ...busy, phase: 'ready' }] })],
    [],
    'waiting for agent ada to take it',
  ],
  [
    'one that is too old',
    [agentWith({ version: '0.1.0' })],
    [],
    'agent ada: too old for what the suite asks for; update it',
  ],
])('a step that waits says why: %s', (_, agents, needed, sentence) => {
  expect(explainWait('own', agents, needed, ({ version }) => version === '0.1.0')).toBe(sentence);
});
