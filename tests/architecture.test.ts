import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { checkArchitecture, type Rules } from './support/architecture/check';

const model = 'lib/model/**';
const clock = 'lib/clock.ts';
const threads = 'lib/threads/**';
const store = 'lib/store/{store,agent-store,doorbell,environment-store,profile-store}.ts';
const backend = 'lib/backends/backend.ts';
/** The contract: where values come from is the server's choice. */
const secrets = 'lib/secrets/secrets.ts';
/** What backends share, and what the engine uses of them: never an adapter, never the registry. */
const backendRoom = 'lib/backends/!(registry).ts';

const rules: Rules = {
  rooms: [
    // Pure, and safe in the browser.
    { files: model, imports: [], packages: ['zod'] },
    { files: clock, imports: [], packages: [] },
    { files: 'lib/streams/**', imports: [model, clock], packages: [] },
    { files: 'lib/planning/**', imports: [model, clock], packages: ['fastest-levenshtein'] },
    { files: 'lib/threads/**', imports: [model, clock], packages: ['node:', 'tsx'] },
    {
      files: 'lib/suites/**',
      imports: [threads, model, clock],
      packages: ['node:', 'zod', 'yaml', 'js-yaml', 'fastest-levenshtein', 'tar-stream', 're2js'],
    },
    {
      files: 'lib/store/store.ts',
      imports: ['lib/store/{doorbell,{agent,audit,environment,profile}-store}.ts', model],
      packages: [],
    },
    {
      files: '{lib/store/{doorbell,{agent,audit,environment,profile}-store}.ts,lib/backends/backend.ts}',
      imports: [model],
      packages: [],
    },
    {
      files: 'lib/store/postgres/**',
      imports: ['lib/store/*.ts', 'lib/streams/**', model, clock, 'drizzle/{schema,tokens}.ts'],
      packages: ['node:', 'drizzle-orm', 'postgres', 'nanoid', 'zod'],
    },
    { files: 'lib/store/redis/**', imports: [store, model, clock], packages: ['ioredis'] },
    { files: 'lib/store/*.ts', imports: [store, model, clock], packages: [] },
    // It keeps the backends that the stored settings name; the adapters themselves are given to it.
    { files: 'lib/backends/registry.ts', imports: [backend, store, model, clock], packages: [] },
    {
      files: 'lib/backends/*.ts',
      imports: [backend, model, clock],
      packages: ['node:', 're2js', 'tar-stream'],
    },
    {
      files: 'lib/backends/docker/**',
      imports: [backendRoom, model, clock],
      packages: ['node:', 'dockerode', 'tar-stream', 'nanoid', 'zod'],
    },
    {
      files: 'lib/backends/process/**',
      imports: [backendRoom, model, clock],
      packages: ['node:', 'tar-stream', 'nanoid', 'zod'],
    },
    {
      files: 'lib/backends/kubernetes/**',
      imports: [backendRoom, model, clock],
      packages: ['node:', '@kubernetes/client-node', 'tar-stream', 'zod'],
    },
    { files: 'lib/backends/fake/**', imports: [backendRoom, model, clock], packages: [] },
    {
      files: 'lib/backends/remote/**',
      imports: [backendRoom, store, model, clock],
      packages: ['node:', 'zod'],
    },
    {
      files: 'lib/dependencies/**',
      imports: ['lib/suites/**', 'lib/planning/**', model, clock],
      packages: ['node:', 'yaml', 'tar-stream', 'zod'],
    },
    { files: 'lib/secrets/**', imports: [model, clock], packages: ['node:', 'zod'] },
    {
      files: 'lib/engine/**',
      imports: [
        backendRoom,
        store,
        secrets,
        'lib/planning/**',
        'lib/suites/**',
        'lib/dependencies/**',
        threads,
        model,
        clock,
      ],
      packages: ['node:', 'nanoid', 'fast-xml-parser', 'zod'],
    },
    // Makes one file of the worker.
    { files: 'lib/agent/bundle.mjs', imports: [], packages: ['node:', 'esbuild'] },
    // Plain JavaScript that starts the rest.
    { files: 'lib/agent/*.mjs', imports: ['lib/agent/main.ts'], packages: ['tsx'] },
    {
      files: 'lib/agent/**',
      imports: ['lib/backends/!(registry).ts', 'lib/backends/{docker,kubernetes,process}/**', model, clock],
      packages: ['node:', 'zod'],
    },
    // A route asks who calls before it does anything, and sends what the streams yield.
    {
      files: 'lib/http/**',
      imports: ['lib/store/sources.ts', 'lib/identity/**', 'lib/streams/**', store, secrets, model, clock],
      packages: ['node:', 'zod', 'zod-openapi'],
    },
    {
      files: 'lib/identity/**',
      imports: [store, model, clock],
      packages: ['node:', 'zod', 'next-auth'],
    },
    { files: 'lib/telemetry/**', imports: [store, model, clock], packages: ['node:', 'pino', 'prom-client'] },
    { files: 'lib/config.ts', imports: [model], packages: ['node:', 'zod'] },
    // Plain JavaScript that runs before anything is installed or compiled, and starts the rest.
    { files: 'lib/cli/*.mjs', imports: ['lib/cli/**'], packages: ['node:', 'next', 'tsx'] },
    // A client of the API like any other: it never touches store, engine or backends. The toolbox image is the
    // one thing it makes itself, on the Docker of the machine it runs on. A suite's files it reads as the server does.
    {
      files: 'lib/cli/**',
      imports: ['lib/suites/**', 'lib/planning/**', 'lib/dependencies/**', model, clock, 'lib/config.ts'],
      packages: ['node:', 'commander', 'eventsource-parser', 'dockerode', 'tar-stream', 'zod'],
    },
    { files: '{lib/server.ts,instrumentation.ts}', imports: ['lib/**'], packages: ['node:'] },
    // The columns of the tables hold what the model and the store's contract describe.
    { files: 'drizzle/**', imports: [model, store], packages: ['drizzle-orm', 'drizzle-kit'] },
    { files: 'app/**', inBrowser: true, imports: [model, 'app/globals.css'], packages: ['*'] },
    {
      files: 'app/**',
      imports: ['app/**', 'lib/server.ts', 'lib/http/**', 'lib/identity/**', model],
      packages: ['*'],
    },
  ],
  checked: ['lib/**', 'app/**', 'drizzle/**', 'instrumentation.ts'],
  mayUse: [
    { files: 'lib/config.ts', what: ['process.env'] },
    { files: 'lib/{cli,agent}/main.ts', what: ['process.env'] },
    // The launchers hand the environment on to what they start, before the settings can be read.
    { files: 'lib/cli/*.mjs', what: ['process.env', 'setTimeout', 'new Date()'] },
    // Next replaces NEXT_RUNTIME when it builds.
    { files: 'instrumentation.ts', what: ['process.env'] },
    { files: clock, what: ['new Date()', 'setTimeout'] },
    // What people see may count seconds; `lib` waits and reads the time through a Clock.
    { files: 'app/**', what: ['Date.now', 'new Date()', 'setTimeout', 'setInterval'] },
  ],
  longest: [
    { files: 'tests/**/*.{ts,tsx,mjs}', lines: 400 },
    { files: '{lib,app,drizzle}/**/*.{ts,tsx,mjs,css}', lines: 300 },
    { files: '*.{ts,mjs}', lines: 300 },
  ],
  forbiddenNames: ['utils', 'helpers', 'common', 'manager'],
  mayReExport: ['app/**/{route,page}.{ts,tsx}'],
};

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('the house', () => {
  it('keeps its rules', () => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    expect(checkArchitecture(root, rules)).toEqual([]);
  });
});

describe('the architecture check', () => {
  it('has nothing to say about a tree that keeps the rules', () => {
    expect(
      breaches({
        'lib/model/node.ts': "import { z } from 'zod';\nexport const node = z.string();",
        'lib/planning/order.ts':
          "import type { node } from '../model/node';\nexport type Order = typeof node;",
        'lib/engine/launch.ts': "import { at } from '../clock';\nexport const launch = new Date(at);",
        'lib/clock.ts': 'export const at = 1;\nsetTimeout(() => at, 1);',
        'app/page.tsx':
          "import { View } from './view';\nimport '@/lib/server';\nexport default () => <View />;",
        'app/view.tsx': "'use client';\nimport '@/lib/model/node';\nexport const View = () => null;",
        'lib/server.ts': "export const text = 'process.env'; // Date.now",
      }),
    ).toEqual([]);
  });

  it.each([
    ["import { a } from '../store/store';", 2],
    ["import {\n  a,\n} from '@/lib/store/store';", 2],
    ["import type { a } from '../store/store';", 2],
    ["export { a } from '../store/store';\nexport const b = 1;", 2],
    ["export * from '../store/store';\nexport const b = 1;", 2],
    ["export const load = () => import('../store/store');", 2],
    ["export type A = import('../store/store').a;", 2],
  ])('reports a forbidden import: %s', (text, line) => {
    const found = breaches({
      'lib/planning/order.ts': `// why\n${text}`,
      'lib/store/store.ts': 'export const a = 1;',
    });
    expect(found).toEqual([
      `lib/planning/order.ts:${line}: lib/planning/** may not import lib/store/store.ts`,
    ]);
  });

  it('reports a package that belongs to another room', () => {
    expect(
      breaches({ 'lib/engine/launch.ts': "import Docker from 'dockerode';\nexport default Docker;" }),
    ).toEqual(['lib/engine/launch.ts:1: lib/engine/** may not import the package dockerode']);
  });

  it('reports an adapter that the engine knows', () => {
    const found = breaches({
      'lib/engine/launch.ts': "import { a } from '../backends/docker/docker-backend';\nexport const b = a;",
      'lib/backends/docker/docker-backend.ts': 'export const a = 1;',
    });
    expect(found).toEqual([
      'lib/engine/launch.ts:1: lib/engine/** may not import lib/backends/docker/docker-backend.ts',
    ]);
  });

  it('reports a file of the browser that reaches the server through another file', () => {
    const found = breaches({
      'app/view.tsx': "'use client';\nimport { list } from './list';\nexport const View = () => list;",
      'app/list.ts': "import { all } from '@/lib/server';\nexport const list = all;",
      'lib/server.ts': 'export const all = [];',
    });
    expect(found).toEqual(['app/list.ts:1: app/** in the browser may not import lib/server.ts']);
  });

  it('reports a cycle with its path', () => {
    const found = breaches({
      'lib/engine/a.ts': "import { b } from './b';\nexport const a = b;",
      'lib/engine/b.ts': "import { c } from './c';\nexport const b = c;",
      'lib/engine/c.ts': "import type { a } from './a';\nexport const c: typeof a = 1;",
    });
    expect(found).toEqual([
      'lib/engine/a.ts: a cycle of imports: lib/engine/a.ts → lib/engine/b.ts → lib/engine/c.ts → lib/engine/a.ts',
    ]);
  });

  it.each([
    ['process.env', 'export const home = process.env.HOME;'],
    ['process.env', "export const home = process['env'].HOME;"],
    ['process.env', 'export const { env } = process;'],
    ['Date.now', 'export const at = Date.now();'],
    ['new Date()', 'export const at = new Date();'],
    ['setTimeout', 'setTimeout(() => undefined, 1);'],
    ['setInterval', 'globalThis.setInterval(() => undefined, 1);'],
    ['timers/promises', "import 'node:timers/promises';"],
  ])('reports %s where it is not used', (what, text) => {
    expect(breaches({ 'lib/engine/a.ts': text })).toEqual([`lib/engine/a.ts:1: ${what} is not used here`]);
  });

  it('reports a file without a row, a barrel, an empty name and a file that is too long', () => {
    const found = breaches({
      'lib/attic/a.ts': 'export const a = 1;',
      'lib/engine/all.ts': "export * from './b';",
      'lib/engine/b.ts': `export const b = 1;${'\n// more'.repeat(300)}`,
      'lib/engine/helpers/c.ts': 'export const c = 1;',
    });
    expect(found).toEqual([
      'lib/attic/a.ts: no row of the import table fits it; add one',
      'lib/engine/all.ts: it only re-exports; import from where things are',
      'lib/engine/b.ts: 301 lines, at most 300; split it by idea',
      'lib/engine/helpers/c.ts: "helpers" says nothing; name it for what it is',
    ]);
  });
});

/** What is found in a tree made of these files. */
function breaches(files: Record<string, string>): string[] {
  const root = mkdtempSync(path.join(tmpdir(), 'gantry-architecture-'));
  folders.push(root);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return checkArchitecture(root, rules);
}
