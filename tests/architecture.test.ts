import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { checkArchitecture, type Rules } from './support/architecture/check';
import { rules } from './support/architecture/rules';

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
        'app/page.tsx': "import { View } from './view';\nexport default () => <View />;",
        'app/page-data.ts': "import '@/lib/server';\nexport const readAll = 1;",
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

  it('reports a page that reads past the one place that asks who is signed in', () => {
    const found = breaches({
      'app/(console)/suites/[id]/page.tsx':
        "import { all } from '@/lib/server';\nexport default () => <p>{all}</p>;",
      'app/(console)/page.tsx': 'export default () => <p />;',
      'app/(console)/suites/act.ts': "'use server';\nexport const act = async () => 1;",
      'lib/server.ts': 'export const all = [];',
    });
    expect(found).toEqual([
      'app/(console)/page.tsx: it must import app/page-data.ts',
      'app/(console)/suites/[id]/page.tsx: it must import app/page-data.ts',
      'app/(console)/suites/[id]/page.tsx:1: app/** may not import lib/server.ts',
      "app/(console)/suites/act.ts:1: 'use server' is not used here",
    ]);
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

  it('reports a private word in a path and in an exported identifier', () => {
    const found = breaches({
      'lib/engine/thing-loop.ts': 'const stuff = 1;\nexport const runThings = stuff;',
      'lib/engine/a.ts': 'export interface OwnStuff {\n  id: string;\n}\nexport const aThing = 1;',
    });
    expect(found).toEqual([
      'lib/engine/a.ts:1: "stuff" in OwnStuff is a private word; use the noun',
      'lib/engine/a.ts:4: "thing" in aThing is a private word; use the noun',
      'lib/engine/thing-loop.ts: "thing" is a private word; use the noun',
    ]);
  });

  it('reports a function that is too long, whatever it is made by, and an exception that is not needed', () => {
    const files = {
      'lib/engine/a.ts': `export function runAll() ${body(101)}\nexport const short = () => ${body(100)};`,
      'lib/engine/b.ts': `export const act = async () => ${body(102)};\nact(() => ${body(101)});`,
      'lib/engine/c.ts': `export const steps = { walk() ${body(101)}, stop: () => ${body(103)} };`,
      'lib/engine/d.ts': `export class Run { end() ${body(2)} }`,
    };
    const exceptions = { 'lib/engine/c.ts stop': 103, 'lib/engine/d.ts end': 120 };
    expect(breaches(files, withExceptions(exceptions))).toEqual([
      'lib/engine/a.ts:1: runAll has 101 lines, at most 100; split it by idea',
      'lib/engine/b.ts:103: a function has 101 lines, at most 100; split it by idea',
      'lib/engine/b.ts:1: act has 102 lines, at most 100; split it by idea',
      'lib/engine/c.ts:1: walk has 101 lines, at most 100; split it by idea',
      'lib/engine/d.ts end: no function of this name is too long there; remove its exception',
    ]);
  });

  it('reports an exception whose function or file is gone, and one above the length of its function', () => {
    const files = { 'lib/engine/a.ts': `export function runAll() ${body(110)}` };
    const exceptions = {
      'lib/engine/a.ts runAll': 111,
      'lib/engine/a.ts runSome': 150,
      'lib/engine/gone.ts run': 120,
    };
    expect(breaches(files, withExceptions(exceptions))).toEqual([
      'lib/engine/a.ts runAll: it has 110 lines; lower its exception of 111',
      'lib/engine/a.ts runSome: no function of this name is too long there; remove its exception',
      'lib/engine/gone.ts run: no function of this name is too long there; remove its exception',
    ]);
    expect(breaches(files, withExceptions({ 'lib/engine/a.ts runAll': 110 }))).toEqual([]);
    expect(breaches(files, withExceptions({ 'lib/engine/a.ts runAll': 105 }))).toEqual([
      'lib/engine/a.ts:1: runAll has 110 lines, at most 105; split it by idea',
    ]);
  });

  it('has one exception cover one function, also where several have the same name', () => {
    const files = {
      'lib/engine/a.ts': `export const act = [() => ${body(102)}, () => ${body(104)}, () => ${body(2)}];`,
    };
    expect(breaches(files, withExceptions({ 'lib/engine/a.ts a function': 104 }))).toEqual([
      'lib/engine/a.ts:1: a function has 102 lines, and its exception is for a longer one of this name; split it by idea',
    ]);
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

/** The body of a function whose text has so many lines. */
function body(lines: number): string {
  return `{\n${'  // more\n'.repeat(lines - 2)}}`;
}

function withExceptions(exceptions: Readonly<Record<string, number>>): Rules {
  return { ...rules, longestFunction: { ...rules.longestFunction, exceptions } };
}

/** What is found in a tree made of these files. */
function breaches(files: Record<string, string>, given = withExceptions({})): string[] {
  const root = mkdtempSync(path.join(tmpdir(), 'gantry-architecture-'));
  folders.push(root);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return checkArchitecture(root, given);
}
