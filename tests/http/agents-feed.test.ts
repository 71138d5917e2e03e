import { afterEach, expect, it } from 'vitest';
import { systemClock } from '@/lib/clock';
import { agentFrames, createAgentsFeed } from '@/lib/http/agents/agents-feed';
import type { AgentSummary } from '@/lib/model/agent';
import { openTestStore, silentLogger } from '../support/database';

const over = new AbortController();
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  over.abort();
  for (const each of opened) await each.close();
});

it('says at once who comes and is drained, and by itself who falls silent, once for each change', async () => {
  const { store, ...test } = await openTestStore();
  opened.push(test);
  const token = await store.tokens.add({ kind: 'agent', name: 'x', role: 'agent', expiresAt: null }, 'hash');
  const feed = createAgentsFeed({ clock: systemClock, store, logger: silentLogger }, 1_500, over.signal);
  const frames = agentFrames(feed.follow(over.signal));
  const next = async (): Promise<AgentSummary[]> => {
    const { value } = await frames.next();
    const data = /^data: (.*)$/m.exec(new TextDecoder().decode(value ?? new Uint8Array()))?.[1];
    return JSON.parse(data ?? '{}').items;
  };

  expect(await next()).toEqual([]);
  const agent = { agentId: 'ada', instance: 'instance-1', tags: [], capacity: 1, version: '1' };
  await store.agents.register(agent, token.id);
  expect(await next()).toMatchObject([{ id: 'ada', state: 'online' }]);
  await store.agents.drain('ada', { reason: 'new disk', by: 'eve' });
  expect(await next()).toMatchObject([{ id: 'ada', state: 'draining' }]);
  expect(await next()).toMatchObject([{ id: 'ada', state: 'offline' }]);
});
