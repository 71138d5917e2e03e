import { vi } from 'vitest';
import type { Operation } from '@/lib/http/operations/operation';
import { apiTags } from '@/lib/http/operations/tags';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

export const sides = ['own', 'foreign'] as const;
export type Side = (typeof sides)[number];

/** How a request was answered: `hidden`, as if what it is about were not there. */
export type Answer = 'allowed' | 'refused' | 'hidden';

export interface TwoSuites {
  plane: TestControlPlane;
  /** The ids of what there is of a suite, its own among them, as they are written in answers. */
  namesOf(side: Side): readonly string[];
  /** Calls an operation about what there is of a suite; what it removes is made anew before. */
  ask(id: string, side: Side, token: string): Promise<Response>;
  answerTo(id: string, side: Side, token: string): Promise<Answer>;
  makeToken(request: object): Promise<{ id: string; token: string }>;
}

/** All operations that people and their programs may call. */
export const guarded = apiTags
  .flatMap(({ operations }) => Object.entries<Operation>(operations))
  .filter(([, { access }]) => access !== 'public' && access !== 'agent')
  .map(([id, operation]) => ({ id, operation }));

const suiteIds: Record<Side, string> = { own: 'pay-checkout', foreign: 'stock-count' };
/** Who launched both: members reap what is theirs. */
export const authorName = 'pay-ci';
const report = '<testsuite name="s"><testcase name="one"/></testsuite>';
const suite = `steps:
  tests:
    kind: test
    run: [node, -e, "require('fs').writeFileSync(process.env.GANTRY_ARTIFACTS + '/out.xml', '${report.replaceAll('"', '\\"')}')"]
    export: [{ path: out.xml, format: junit, on: always }]`;

interface Made {
  id: string;
  execution: string;
  artifact: string;
  case: string;
  schedule: string;
}

/** Two suites with an execution each that has ended, whose environment is kept, a test case, a profile and a schedule. */
export async function openTwoSuites(): Promise<TwoSuites> {
  const suites = Object.fromEntries(Object.values(suiteIds).map((id) => [id, suite]));
  const plane = await startControlPlane({ GANTRY_PROCESS_BACKEND: '1' }, suites);
  const json = async (answer: Promise<Response>) => {
    const given = await answer;
    if (!given.ok) throw new Error(`${given.url}: ${given.status} ${await given.text()}`);
    return given.json();
  };
  const get = (path: string) => json(plane.call(`/api/v1/${path}`));
  const post = (path: string, body: object) => json(plane.post(`/api/v1/${path}`, body));

  const author = await post('tokens', { name: authorName, role: 'member' });

  async function run(suiteId: string): Promise<string> {
    const body = { suiteId, backend: 'process', keep: 'always' };
    const { id } = await json(plane.post('/api/v1/executions', body, author.token));
    await vi.waitFor(
      async () => {
        if (!(await get(`executions/${id}`)).finishedAt) throw new Error(`${id} has not ended`);
        await get(`sandboxes/${id}`);
      },
      { timeout: 60_000, interval: 100 },
    );
    return id;
  }
  const scheduleOf = (suiteId: string) => ({ name: 'n', suiteId, cron: '@daily', enabled: false });
  const makeSchedule = async (suiteId: string): Promise<string> =>
    (await post('schedules', scheduleOf(suiteId))).id;

  async function make(id: string): Promise<Made> {
    const execution = await run(id);
    await post(`suites/${id}/profiles`, { name: 'kept' });
    return {
      ...{ id, execution, schedule: await makeSchedule(id) },
      artifact: (await get(`executions/${execution}/artifacts`)).items[0].id,
      case: (await get(`cases?suite=${id}`)).items[0].id,
    };
  }
  const [own, foreign] = await Promise.all(sides.map((side) => make(suiteIds[side])));
  if (!own || !foreign) throw new Error('there must be two suites');
  const made: Record<Side, Made> = { own, foreign };

  /** Makes what the operation is about to remove. */
  async function prepare(id: string, at: Made): Promise<void> {
    const muted = { reason: 'known', expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
    if (id === 'deleteSchedule') at.schedule = await makeSchedule(at.id);
    if (/^(get|update|delete)Profile$/.test(id))
      await plane.post(`/api/v1/suites/${at.id}/profiles`, { name: 'kept' });
    if (id === 'unmuteCase')
      await plane.call(`/api/v1/cases/${at.case}/mute`, {
        method: 'PUT',
        body: JSON.stringify(muted),
        headers: { 'content-type': 'application/json' },
      });
  }

  let profiles = 0;
  const bodies: Record<string, (at: Made) => object> = {
    // Neither of the first two launches anything: the one has no backend, and in the other nothing failed.
    createExecution: ({ id }) => ({ suiteId: id, backend: 'nowhere' }),
    rerunExecution: () => ({ only: 'failed' }),
    previewLaunch: ({ id }) => ({ suiteId: id }),
    muteCase: () => ({ reason: 'known', expiresAt: new Date(Date.now() + 3_600_000).toISOString() }),
    createProfile: () => ({ name: `made-${++profiles}` }),
    updateProfile: () => ({ description: 'Changed.' }),
    createSchedule: ({ id }) => scheduleOf(id),
    updateSchedule: ({ id }) => scheduleOf(id),
    reapEnvironment: () => ({}),
    reapAllEnvironments: () => ({ scope: 'zombies' }),
    extendEnvironment: () => ({ forMs: 3_600_000 }),
    execInEnvironment: () => ({ resource: 'any', command: 'true' }),
    drainAgent: () => ({}),
    streamSubscriptions: () => ({ subscriptions: [{ id: 'all', path: '/api/v1/engine/overview/stream' }] }),
  };

  function pathOf({ path }: Operation, at: Made): string {
    const places: Record<string, string> = {
      ...{ 'executions/{id}': at.execution, 'sandboxes/{id}': at.execution },
      ...{ 'cases/{id}': at.case, 'schedules/{id}': at.schedule, 'suites/{id}': at.id },
      ...{ 'steps/{step}': 'tests', 'artifacts/{artifact}': at.artifact, 'profiles/{profile}': 'kept' },
    };
    const filled = path.replace(
      /(\w+)\/(\{\w+\})/g,
      (all, word: string) => `${word}/${places[all] ?? 'nobody'}`,
    );
    if (path === '/api/v1/schedule-times') return `${filled}?cron=@daily`;
    return path === '/api/v1/sandboxes/{id}/logs' ? `${filled}?resource=any` : filled;
  }

  const ask: TwoSuites['ask'] = async (id, side, token) => {
    const operation = guarded.find((each) => each.id === id)?.operation;
    if (!operation) throw new Error(`there is no operation ${id}`);
    const at = { ...made[side] };
    await prepare(id, at);
    const body = bodies[id]?.(at);
    return plane.call(pathOf(operation, at), {
      method: operation.method,
      token,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
  };
  return {
    plane,
    ask,
    namesOf: (side) => Object.values(made[side]),
    async answerTo(id, side, token) {
      const answer = await ask(id, side, token);
      const { status } = answer;
      await answer.body?.cancel();
      if (status === 400 || status === 401 || status === 500)
        throw new Error(`${id}: answered with ${status}`);
      return status === 403 ? 'refused' : status === 404 ? 'hidden' : 'allowed';
    },
    makeToken: (request) => post('tokens', request),
  };
}
