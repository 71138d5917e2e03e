import { beforeEach, expect, it, vi } from 'vitest';
import { createAgentLookUp } from '@/lib/backends/remote/look-up-on-agents';
import type { AgentSummary } from '@/lib/model/agent';
import type { LookedUpImage } from '@/lib/model/image-look-up';
import type { ControlOrder } from '@/lib/model/job';
import type { PlannedNode } from '@/lib/model/node';
import { createFakeClock } from '../../support/fake-clock';
import { makePlan } from '../../support/plan';
import { silentLogger } from '../../support/silent-logger';

const never = new Promise<never>(() => undefined);
const noLogins = { registryLogin: async () => null };
const image: LookedUpImage = { name: 'shop/app:1', platform: null, pull: 'missing', steps: ['app'] };
const other = { ...image, name: 'shop/other:1' };

/** A look-up on agents that answer as the test says, at once or never. */
function open() {
  const clock = createFakeClock();
  const warn = vi.fn();
  const agents: AgentSummary[] = [];
  /** By agent; one without is silent. */
  const answers = new Map<string, (string | null)[]>();
  const asked: { agentId: string; order: ControlOrder; watchedMs?: number }[] = [];
  const removed: string[] = [];
  const jobs = {
    async submitControl(agentId: string, order: ControlOrder, watchedMs?: number) {
      asked.push({ agentId, order, watchedMs });
      return agentId;
    },
    async get(id: string) {
      const missingImages = answers.get(id);
      return { result: missingImages ? { missingImages } : null };
    },
    topic: (id: string) => id,
    async remove(id: string) {
      removed.push(id);
    },
  };
  const deps = {
    clock,
    logger: { ...silentLogger, warn },
    jobs,
    notifier: { subscribe: () => ({ next: () => never }) },
    agents: { list: async () => agents },
  } as unknown as Parameters<typeof createAgentLookUp>[0];
  const add = (id: string, missing: (string | null)[] | null, rest: Partial<AgentSummary> = {}) => {
    agents.push({
      ...{ id, state: 'online', plain: false, tags: [], version: '0.6.0', problem: null },
      ...rest,
    } as AgentSummary);
    if (missing) answers.set(id, missing);
  };
  return { clock, warn, answers, asked, removed, add, lookUp: createAgentLookUp(deps, 10_000) };
}

let world: ReturnType<typeof open>;
beforeEach(() => {
  world = open();
});
const missing = (nodes: readonly PlannedNode[] = [], wanted = [image]) =>
  world.lookUp(wanted, noLogins, nodes);
const askedAgents = () => world.asked.map(({ agentId }) => agentId);

it('knows an image to be missing where it is so on every agent that may take the steps', async () => {
  world.add('ada', ['It is not there.', 'Nor this.']);
  world.add('bob', ['It is not here.', null]);
  expect(await missing([], [image, other])).toEqual(['On agents ada, bob: It is not there.', null]);
  const images = [image, other].map((each) => ({ ...each, asksRegistry: true }));
  expect(world.asked).toEqual(
    ['ada', 'bob'].map((agentId) => ({ agentId, order: { kind: 'images', images }, watchedMs: 10_000 })),
  );
  expect(world.removed).toEqual(['ada', 'bob']);
});

it('waits for no other agent once one says that nothing is missing', async () => {
  world.add('ada', null);
  world.add('bob', [null]);
  expect(await missing()).toEqual([]);
  expect(askedAgents()).toEqual(['ada', 'bob']);
});

it('says nothing where an agent is silent, and asks none for half a minute then', async () => {
  const { clock, answers, add, warn } = world;
  add('ada', null);
  add('bob', ['It is not there.']);
  const waiting = missing();
  await clock.whenSleeping(6_000);
  await clock.advance(6_000);
  expect(await waiting).toEqual([]);
  expect(warn).toHaveBeenCalledOnce();
  answers.set('ada', ['It is not there.']);
  await clock.advance(29_000);
  expect(await missing()).toEqual([]);
  expect(askedAgents()).toEqual(['ada', 'bob']);
  await clock.advance(1_000);
  expect(await missing()).toEqual(['On agents ada, bob: It is not there.']);
});

it('asks those alone that may take the steps', async () => {
  const node = { tags: ['agent:gpu'], resetMocks: ['mock'] } as Partial<PlannedNode>;
  const { nodes } = makePlan({ nodes: [{ id: 'app', ...node }] });
  const tags = ['gpu'];
  world.add('fit', ['It is not there.'], { tags });
  world.add('draining', [null], { tags, state: 'draining' });
  world.add('offline', [null], { tags, state: 'offline' });
  world.add('ill', [null], { tags, problem: 'Docker does not answer' });
  world.add('untagged', [null]);
  world.add('too-old', [null], { tags, version: '0.3.0' });
  expect(await missing(nodes)).toEqual(['On agent fit: It is not there.']);
  expect(askedAgents()).toEqual(['fit']);
});

it.each<[string, () => void]>([
  ['no agent fits', () => undefined],
  ['one is too old to tell', () => world.add('old', null, { version: '0.5.0' })],
  ['one is a plain client', () => world.add('plain', null, { plain: true })],
  [
    'more than eight fit',
    () => [1, 2, 3, 4, 5, 6, 7, 8].forEach((each) => void world.add(`a-${each}`, ['no'])),
  ],
])('asks nobody where %s', async (what, prepare) => {
  if (what !== 'no agent fits') world.add('ada', ['It is not there.']);
  prepare();
  expect(await missing()).toEqual([]);
  expect(world.asked).toEqual([]);
});

it('asks nobody for a preview, nor with an order that no agent could read', async () => {
  world.add('ada', ['It is not there.']);
  expect(await world.lookUp([image], null)).toEqual([]);
  expect(await missing([], [{ ...image, name: 'a'.repeat(1_001) }])).toEqual([]);
  expect(world.asked).toEqual([]);
});

it('lets an agent ask the registries for which the platform has no login', async () => {
  world.add('ada', [null, null]);
  const far = { ...image, name: 'r.example/app:1' };
  const registryLogin = async (host: string) => (host === 'r.example' ? ({ user: 'ada' } as never) : null);
  await world.lookUp([image, far], { registryLogin });
  const [{ order } = { order: null }] = world.asked;
  expect(order?.kind === 'images' && order.images.map(({ asksRegistry }) => asksRegistry)).toEqual([
    true,
    false,
  ]);
});
