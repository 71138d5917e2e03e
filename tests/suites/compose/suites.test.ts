import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { importCompose } from '@/lib/cli/import-compose';
import { makePlan } from '@/lib/planning/make-plan';
import { readSuite } from '@/lib/suites/read-suite';
import type { Suite } from '@/lib/suites/suite';
import { makeSuiteFolder, problemsOf, readValid } from '../suite-folder';
import { allCases, filesOf } from './oracle';

const request = { profile: null, platformEnv: {}, env: {} };
const shop = `services:
  db:
    image: postgres:16
    environment: { POSTGRES_PASSWORD: test }
    ports: ["5432:5432"]
  e2e:
    image: node:22
    command: npm test
    environment: { A: 1 }
    depends_on: [db]
  admin:
    image: adminer
    profiles: [debug]
    depends_on: [db]
`;

describe('A folder with a Compose file', () => {
  it('is a suite with its topology, and its notices have their lines', () => {
    const suite = readValid({ 'docker-compose.yml': shop });
    const plan = makePlan(suite, request);
    expect(plan.nodes.map(({ id, kind, after }) => [id, kind, after])).toEqual([
      ['db', 'service', []],
      ['e2e', 'test', ['db']],
    ]);
    expect(plan.warnings).toContainEqual(
      'docker-compose.yml:5:5: services.db.ports: nothing is published on the machine: other steps reach it by its name and the port in the container',
    );
  });

  it('offers the profiles of its services', () => {
    const suite = readValid({ 'compose.yaml': shop });
    expect(suite.profiles.map(({ name, default: isDefault }) => [name, isDefault])).toEqual([
      ['default', true],
      ['debug', false],
    ]);
    const plan = makePlan(suite, { ...request, profile: 'debug' });
    expect(plan.nodes.map(({ id }) => id)).toEqual(['db', 'e2e', 'admin']);
  });

  it('lists what is wrong at the lines of the Compose file, also what the rules of a suite refuse', () => {
    const files = {
      'compose.yaml': `services:
  app:
    image: "Not An Image"
    cap_add: [SYS_ADMIN]
    volumes: ["./missing:/data:ro"]
`,
    };
    expect(problemsOf(files).map((line) => line.slice(0, line.indexOf(',') + 1 || undefined))).toEqual([
      'compose.yaml:3:5 steps.app.image: expected an image such as node:22,',
      expect.stringMatching(/^compose\.yaml:4:\d+ steps\.app\.capabilities/),
      'compose.yaml:5:5 steps.app.files./data: expected a file or folder of the suite,',
    ]);
  });

  it('takes steps, overrides and exports from the suite.yaml that names its Compose file', () => {
    const suite = readValid({
      'docker-compose.test.yml': shop,
      'suite.yaml': `title: Shop
compose: docker-compose.test.yml
overrides:
  e2e:
    env: { B: 2 }
    timeout: 20m
    export: { path: junit.xml, format: junit }
steps:
  after-all: { kind: task, run: "true", after: [e2e] }
`,
    });
    const plan = makePlan(suite, request);
    expect(suite.title).toBe('Shop');
    expect(plan.nodes.map(({ id }) => id)).toEqual(['db', 'e2e', 'after-all']);
    expect(plan.nodes[1]).toMatchObject({
      env: { A: '1', B: '2' },
      timeoutMs: 1_200_000,
      exports: [{ path: 'junit.xml' }],
    });
  });

  it('keeps the health check of a service under the times that an override names', () => {
    const readyUnder = (override: string) => {
      const suite = readValid({
        'docker-compose.test.yml': `services:
  db: { image: "postgres:16", expose: [5432], healthcheck: { test: pg_isready } }
  e2e: { image: "node:22", command: npm test, depends_on: { db: { condition: service_healthy } } }
`,
        'suite.yaml': `compose: docker-compose.test.yml\noverrides: { db: { ready: ${override} } }\n`,
      });
      const [db] = makePlan(suite, request).nodes;
      return [db?.ready?.probes, db?.ready?.timeoutMs, db?.container.healthCheck?.argv];
    };
    expect(readyUnder('{ timeout: 10m }')).toEqual([
      [{ type: 'healthcheck' }],
      600_000,
      ['sh', '-c', 'pg_isready'],
    ]);
    expect(readyUnder('{ tcp: 5432, timeout: 10m }')).toEqual([
      [{ type: 'tcp', port: 5432 }],
      600_000,
      undefined,
    ]);
  });

  it('checks a service by its start_interval only where there is a start_period in which it counts', () => {
    const intervalWith = (more: string) => {
      const suite = readValid({
        'docker-compose.test.yml': `services:
  db: { image: "postgres:16", healthcheck: { test: pg_isready, start_interval: 1s${more} } }
`,
        'suite.yaml': 'compose: docker-compose.test.yml\n',
      });
      return makePlan(suite, request).nodes[0]?.container.healthCheck?.intervalMs;
    };
    expect(intervalWith('')).toBe(30_000);
    expect(intervalWith(', interval: 2s')).toBe(2_000);
    expect(intervalWith(', interval: 2s, start_period: 5s')).toBe(1_000);
  });

  it('says at the line of suite.yaml what is wrong with an override', () => {
    const files = {
      'docker-compose.test.yml': shop,
      'suite.yaml': 'compose: docker-compose.test.yml\noverrides:\n  e2e:\n    timeout: soon\n',
    };
    expect(problemsOf(files)).toEqual([
      'suite.yaml:4:14 steps.e2e.timeout: expected a duration such as 250ms, 30s or 1m30s, found "soon"',
    ]);
  });

  it('is refused when suite.yaml names a Compose file that is not there', () => {
    expect(problemsOf({ 'suite.yaml': 'compose: nope.yml\n' })).toContainEqual(
      'suite.yaml:1:10 compose: expected a Compose file of the suite, found "nope.yml", which is not there',
    );
  });
});

describe('The suite.yaml that is imported from a Compose file', () => {
  it('gives the same plan as the Compose files of the tests', async () => {
    let compared = 0;
    for (const each of allCases) {
      const folder = makeSuiteFolder(filesOf(each));
      if (await isSameAfterImport(folder)) compared += 1;
    }
    expect(compared).toBeGreaterThanOrEqual(45);
  });

  it('gives the same plan as any Compose file', async () => {
    await fc.assert(
      fc.asyncProperty(composeFile(), async (file) => {
        const folder = makeSuiteFolder({ 'compose.yaml': stringify(file) });
        expect(await isSameAfterImport(folder)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is not written over one that is there', async () => {
    const folder = makeSuiteFolder({ 'compose.yaml': shop, 'suite.yaml': 'title: Mine' });
    await expect(importCompose(folder)).rejects.toThrow('suite.yaml is there already');
    expect(readFileSync(path.join(folder, 'suite.yaml'), 'utf8')).toBe('title: Mine');
  });
});

/** Imports the folder's file and compares the steps; false when it is not valid before. */
async function isSameAfterImport(folder: string): Promise<boolean> {
  const before = stepsOf(readSuite(folder).entry.suite);
  if (before === null) return false;
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(console, 'error').mockImplementation(() => {});
  await importCompose(folder);
  vi.restoreAllMocks();
  for (const name of ['compose.yaml', 'compose.override.yaml', '.env'])
    rmSync(path.join(folder, name), { force: true });
  if (!existsSync(path.join(folder, 'profiles'))) mkdirSync(path.join(folder, 'profiles'));
  writeFileSync(path.join(folder, 'keep.txt'), '');
  const { suite, problems } = readSuite(folder).entry;
  expect(problems).toEqual([]);
  expect(stepsOf(suite)).toEqual(before);
  return true;
}

function stepsOf(suite: Suite | null) {
  return suite && { steps: suite.steps, profiles: suite.profiles };
}

function composeFile() {
  const words = fc.constantFrom('a', 'b c', '$$x', '1.10', '{}', '- y', '# no', 'é "q"', '');
  const service = (others: string[]) =>
    fc.record(
      {
        image: fc.constantFrom('app', 'registry.example:5000/app:1.2'),
        command: fc.oneof(fc.array(words, { maxLength: 3 }), fc.constant('run "it all" now')),
        environment: fc.dictionary(
          fc.constantFrom('A', 'B', 'C'),
          fc.oneof(words, fc.integer(), fc.boolean()),
        ),
        ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 }),
        user: fc.constantFrom('root', '1000:1000'),
        depends_on: fc.subarray(others),
        restart: fc.constantFrom('no', 'always', 'on-failure:2'),
        healthcheck: fc.record({
          test: fc.constantFrom('true', 'a | b'),
          interval: fc.constantFrom('1s', '1m30s'),
        }),
        stop_grace_period: fc.constantFrom('1s', '1m', '250ms'),
        labels: fc.constantFrom({ 'gantry.kind': 'task' }, { other: 'x' }),
        profiles: fc.constant(['debug']),
      },
      { requiredKeys: ['image'] },
    );
  return fc.tuple(service([]), service(['one']), service(['one', 'two'])).map(([one, two, three]) => ({
    services: { one: { ...one, profiles: undefined }, two: { ...two, profiles: undefined }, three },
  }));
}
