import postgres from 'postgres';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FakeStep } from '@/lib/backends/fake/fake-program';
import { systemClock } from '@/lib/clock';
import type { Engine } from '@/lib/engine/engine';
import type { LaunchRequest } from '@/lib/model/launch';
import type { StepSpec } from '@/lib/model/step-spec';
import { createSeal } from '@/lib/secrets/seal';
import type { SuiteCatalog } from '@/lib/suites/catalog/catalog';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import { makeRoot, makeSuiteFolder } from '../suites/suite-folder';
import { silentLogger } from '../support/silent-logger';
import { openWorld, type World } from './world';

const secret = 'correct-horse-battery';
const files = {
  'suite.yaml': `
defaults: { image: "gantry/toolbox:local" }
steps:
  deploy: { kind: task, run: "true" }
  check: { kind: test, run: "true", after: deploy }
`,
  'profiles/default.yaml': '',
  'profiles/told.yaml': 'secrets: [{ key: TOKEN, from: launch, steps: deploy, as: DEPLOY_TOKEN }]\n',
};

let script: (step: StepSpec) => FakeStep;
let specs: StepSpec[];
let world: World;
let catalog: SuiteCatalog;
let engine: Engine;

beforeEach(async () => {
  script = () => ({});
  specs = [];
  const root = makeRoot();
  makeSuiteFolder(files, `${root}/demo`);
  catalog = openFolderCatalog({ clock: systemClock, logger: silentLogger }, [root]);
  world = await openWorld({
    script: (step) => {
      specs.push(step);
      return script(step);
    },
  });
  engine = world.startEngine({ catalog });
});
afterEach(async () => {
  await world.close();
  await catalog.close();
});

async function run(request: Partial<LaunchRequest>) {
  const { summary } = await engine.launch({ suiteId: 'demo', ...request }, 'ada', null);
  return world.ended(summary.id);
}

/** All rows of all tables as text; what is binary as hexadecimal digits. */
async function everythingStored(): Promise<string> {
  const sql = postgres(world.url, { max: 1, onnotice: () => undefined });
  try {
    const tables = await sql<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = 'public'`;
    const rows = await Promise.all(tables.map(({ name }) => sql`select t::text from ${sql(name)} t`));
    return JSON.stringify(rows);
  } finally {
    await sql.end();
  }
}

const valuesOf = (id: string) =>
  Object.fromEntries(specs.filter((s) => s.executionId === id).map((s) => [s.stepId, s.secrets]));

it('reaches every step, or those that the profile says under the name that they want', async () => {
  const all = await run({ secrets: { TOKEN: secret } });
  expect(valuesOf(all.id)).toEqual({ deploy: { TOKEN: secret }, check: { TOKEN: secret } });
  const told = await run({ profile: 'told', secrets: { TOKEN: secret } });
  expect(valuesOf(told.id)).toEqual({ deploy: { DEPLOY_TOKEN: secret }, check: {} });
});

it('is masked in all that is printed, and is in no row', async () => {
  script = () => ({ lines: [`the token is ${secret}`] });
  const execution = await run({ secrets: { TOKEN: secret } });
  expect(execution.status).toBe('passed');
  const lines = await world.lines(execution.id, 'deploy');
  expect(lines.map(({ text }) => text)).toEqual(['the token is ***']);
  const stored = await everythingStored();
  expect(stored).toContain(`(${execution.id},TOKEN,`);
  for (const form of [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64')])
    expect(stored).not.toContain(form);
});

it('is there for another control plane that goes on, and gone once nothing needs it', async () => {
  script = ({ stepId }) => (stepId === 'deploy' ? { runsMs: 1_000 } : {});
  const { summary } = await engine.launch({ suiteId: 'demo', secrets: { TOKEN: secret } }, 'ada', null);
  await world.until(summary.id, ({ steps }) => steps.some(({ status }) => status === 'running'));
  await engine.stop();
  expect(await world.store.executions.launchSecret(summary.id, 'TOKEN')).not.toBeNull();
  world.startEngine({ catalog });
  expect((await world.ended(summary.id)).status).toBe('passed');
  expect(valuesOf(summary.id)).toMatchObject({ check: { TOKEN: secret } });
  await world.store.deleteExpired({
    days: null,
    outputDays: null,
    count: null,
    auditDays: null,
    caseDays: null,
  });
  expect(await world.store.executions.launchSecret(summary.id, 'TOKEN')).toBeNull();
});

it('has to be brought again to a rerun, which then takes results over', async () => {
  script = ({ stepId }) => ({ exitCode: stepId === 'check' ? 1 : 0 });
  const first = await run({ profile: 'told', secrets: { TOKEN: secret } });
  await expect(engine.rerun(first.id, { only: 'failed' }, 'bob', null)).rejects.toMatchObject({
    code: 'secret_missing',
    message: `Execution ${first.id} was launched with TOKEN, and secrets are not kept for later: bring them again (--secret TOKEN=env:NAME, or \`secrets\` in the request).`,
  });
  script = () => ({});
  const request = { only: 'failed', secrets: { TOKEN: 'another-token' } } as const;
  const { summary } = await engine.rerun(first.id, request, 'bob', null);
  const again = await world.ended(summary.id);
  expect(again.steps.map(({ status, attempts }) => [status, attempts.length])).toEqual([
    ['passed', 0],
    ['passed', 1],
  ]);
});

it.each([
  [
    { secrets: { TOKEN: 'abc' } },
    'The launch brings secrets that cannot be used: TOKEN (it has fewer than 4',
  ],
  [{ profile: 'told' }, 'A secret cannot be had: DEPLOY_TOKEN (launch: the launch has to bring it: --secret'],
])('that cannot be used stops the launch: %j', async (request, message) => {
  await expect(engine.launch({ suiteId: 'demo', ...request }, 'ada', null)).rejects.toMatchObject({
    code: 'secret_missing',
    message: expect.stringContaining(message),
  });
});

it('opens with its own key and for its own place alone', () => {
  const seal = createSeal('one key of sixteen');
  const sealed = seal.seal(secret, 'a/TOKEN');
  expect(seal.open(sealed, 'a/TOKEN')).toBe(secret);
  expect(() => seal.open(sealed, 'b/TOKEN')).toThrow('GANTRY_SECRET_KEY');
  expect(() => createSeal('another key of 16').open(sealed, 'a/TOKEN')).toThrow('GANTRY_SECRET_KEY');
});
