import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolboxImage } from '@/lib/backends/process/can-run-on-process';
import { buildToolbox } from '@/lib/cli/toolbox';
import { makeSuiteFolder } from '../suites/suite-folder';
import { type RealEngine, startRealEngine } from '../support/real-engine';
import { describeWith } from '../support/requirements';
import { lockSuite } from './lock-suite';

/** Low to high, as docs/suites.md has them. Variable N is set by layer N and all below it: its value is who has won. */
const layers = [
  'defaults',
  'step',
  'platform',
  'base',
  'profile',
  'inputs',
  'profile-step',
  'request',
  'secret',
];
const envOf = (layer: string) =>
  Object.fromEntries(
    layers.slice(layers.indexOf(layer)).map((from) => [`LAYER_${layers.indexOf(from)}`, layer]),
  );
const yaml = (layer: string) => JSON.stringify(envOf(layer));
const last = layers.length - 1;

const suites: Record<string, Record<string, string>> = {
  outer: {
    'suite.yaml': `defaults: { env: { LAYER_0: outer } }\nsteps: { middle: { kind: suite, ref: middle } }`,
    'dependencies.yaml':
      'middle: { ref: middle, version: 1.0.0, inputs: { LAYER_0: stays in the middle } }\n',
    'profiles/o.yaml': 'env: { LAYER_5: outer, OUTER: outer }',
  },
  middle: {
    'suite.yaml': `version: 1.0.0\nsteps: { inner: { kind: suite, ref: inner } }`,
    'dependencies.yaml': `inner: { ref: inner, version: 1.0.0, profile: p, inputs: ${yaml('inputs')} }\n`,
  },
  inner: {
    'suite.yaml': `
version: 1.0.0
defaults: { image: "${toolboxImage}", env: ${yaml('defaults')} }
steps:
  print:
    kind: task
    run: env | grep -E '^(LAYER_|OUTER|GANTRY_(SUITE|STEP|PROFILE|BACKEND|HEADERS)=|CI=)' | sort
    env: ${yaml('step')}
    headers: { X-Tenant: acme }`,
    'profiles/base.yaml': `launchable: false\nenv: ${yaml('base')}`,
    'profiles/p.yaml': `extends: base
env: ${yaml('profile')}
steps: { print: { env: ${yaml('profile-step')} } }
secrets: [{ key: LAYER_${last}, from: "env:HIGHEST" }]`,
  },
};

const root = mkdtempSync(path.join(tmpdir(), 'gantry-nested-'));
let gantry: RealEngine;

beforeAll(async () => {
  for (const [id, files] of Object.entries(suites)) makeSuiteFolder(files, path.join(root, id));
  for (const id of ['middle', 'outer']) await lockSuite(root, id);
  gantry = await startRealEngine({ suiteRoots: [root], env: { HIGHEST: 'from a secret' } });
  await gantry.store.settings.savePlatform({ backends: [], env: envOf('platform') });
});
afterAll(async () => {
  await gantry?.close();
  rmSync(root, { recursive: true, force: true });
});

async function expectLayers(backend: 'process' | 'local'): Promise<void> {
  const execution = await gantry.run({ suiteId: 'outer', backend, env: envOf('request') });
  expect(execution.cause).toBeNull();
  const { lines } = await gantry.store.logs.read(execution.id, 0, 1_000);
  const printed = lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text.split('='));
  const expected = layers.map((layer, position) => [`LAYER_${position}`, position === last ? '***' : layer]);
  expect(Object.fromEntries(printed)).toEqual({
    ...Object.fromEntries(expected),
    CI: 'true',
    GANTRY_BACKEND: backend,
    GANTRY_HEADERS: '{"X-Tenant":"acme"}',
    GANTRY_PROFILE: 'o',
    GANTRY_STEP: 'middle/inner/print',
    GANTRY_SUITE: 'outer',
  });
  const [spec] = await gantry.store.executions.stepSpecs(execution.id, 'middle/inner/print');
  expect(spec).toMatchObject({
    profile: 'o',
    runtimeProfile: 'p',
    source: { suiteId: 'inner', profile: 'p' },
  });
}

describe('the env of a step three suites deep', () => {
  it('has every layer in its place as a process', () => expectLayers('process'));
});

describeWith('docker', 'the env of a step three suites deep on Docker', () => {
  beforeAll(() => buildToolbox({ log: () => undefined }));
  it('has every layer in its place', () => expectLayers('local'));
});
