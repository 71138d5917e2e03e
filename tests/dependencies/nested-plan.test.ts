import { describe, expect, it } from 'vitest';
import type { Plan } from '@/lib/model/plan';
import { openSuiteRoot } from './suite-roots';

const task = (more = '') => `{ kind: task, run: a${more} }`;

const three = {
  outer: {
    'suite.yaml': `
steps:
  before: ${task()}
  middle: { kind: suite, ref: middle, after: [before] }
  behind: ${task(', after: [middle]')}
  rescue: ${task(', on_failure: [middle]')}`,
    'dependencies.yaml': 'middle: middle:1.0.0',
  },
  middle: {
    'suite.yaml': `
version: 1.0.0
title: Middle
repository: https://git.example/middle
steps:
  inner: { kind: suite, ref: inner }
  api: { kind: service, run: a, ports: [80], after: [inner] }
  use: ${task(', after: [api]')}
  mop: ${task(', on_failure: [use]')}
  tell: ${task(', after: [mop]')}`,
    'dependencies.yaml': 'inner: { ref: inner, version: 0.1.0, profile: fast }',
  },
  inner: {
    'suite.yaml': `
version: 0.1.0
steps:
  api: { kind: service, run: a, ports: [80] }
  left: ${task(', after: [api]')}
  right: ${task(', after: [api]')}`,
    'profiles/slow.yaml': 'default: true',
    'profiles/fast.yaml': '',
  },
};

const edges = (plan: Plan) =>
  Object.fromEntries(plan.nodes.map(({ id, after, onFailure }) => [id, [after, onFailure]]));

describe('a suite with suites nested three deep', () => {
  it('is flattened: roots wait for what their suite waits for, and exits stand for it', async () => {
    const root = openSuiteRoot(three);
    await root.lock('middle');
    await root.lock('outer');
    const plan = await root.plan('outer');
    expect(edges(plan)).toEqual({
      before: [[], []],
      'middle/inner/api': [['before'], []],
      'middle/inner/left': [['middle/inner/api'], []],
      'middle/inner/right': [['middle/inner/api'], []],
      'middle/api': [['middle/inner/left', 'middle/inner/right'], []],
      'middle/use': [['middle/api'], []],
      'middle/mop': [[], ['middle/use']],
      'middle/tell': [['middle/mop'], []],
      // Not for mop and tell, which run only when something has failed.
      behind: [['middle/use'], []],
      rescue: [
        [],
        ['middle/inner/api', 'middle/inner/left', 'middle/inner/right', 'middle/api', 'middle/use'],
      ],
    });
    expect(plan.nodes.map(({ index }) => index)).toEqual(plan.nodes.map((_, position) => position));
  });

  it('can be launched in part: the id of a nested suite stands for all of its steps', async () => {
    const root = openSuiteRoot(three);
    await root.lock('middle');
    await root.lock('outer');
    const idsOf = async (...onlySteps: string[]) =>
      (await root.plan('outer', { onlySteps })).nodes.map(({ id }) => id);
    expect(await idsOf('middle/inner/left')).toEqual(['before', 'middle/inner/api', 'middle/inner/left']);
    expect(await idsOf('middle/inner')).toEqual([
      'before',
      'middle/inner/api',
      'middle/inner/left',
      'middle/inner/right',
    ]);
  });

  it('tells of each nested node where it comes from', async () => {
    const root = openSuiteRoot(three);
    await root.lock('middle');
    await root.lock('outer');
    const nodes = new Map((await root.plan('outer')).nodes.map((node) => [node.id, node]));
    const [middle, inner] = [await root.suite('middle'), await root.suite('inner')];
    expect(nodes.get('before')?.source).toBeNull();
    expect(nodes.get('middle/api')).toMatchObject({
      packageDigest: middle.packageDigest,
      source: {
        suiteId: 'middle',
        title: 'Middle',
        repository: 'https://git.example/middle',
        version: '1.0.0',
        alias: 'middle',
        ref: 'middle:1.0.0',
        digest: middle.packageDigest,
        profile: 'default',
      },
    });
    expect(nodes.get('middle/inner/api')?.source).toMatchObject({
      suiteId: 'inner',
      alias: 'inner',
      digest: inner.packageDigest,
      profile: 'fast',
    });
  });

  it('has the suite of a nested version among several of them', async () => {
    const versioned = (text: string) =>
      `version: ${text}\nsteps: { only-${text.replaceAll('.', '-')}: ${task()} }`;
    const root = openSuiteRoot({
      outer: {
        'suite.yaml': 'steps: { old: { kind: suite, ref: old }, new: { kind: suite, ref: new } }',
        'dependencies.yaml': 'old: pay:1.0.0\nnew: pay:2.0.0\n',
      },
      'pay@1.0.0': versioned('1.0.0'),
      pay: versioned('2.0.0'),
    });
    await root.lock('outer');
    expect(Object.keys(edges(await root.plan('outer')))).toEqual(['old/only-1-0-0', 'new/only-2-0-0']);
    expect((await root.catalog.list()).map(({ id }) => id)).toEqual(['outer', 'pay', 'pay@1.0.0']);
  });
});

describe('the layers of env of a nested step', () => {
  const layers = ['defaults', 'step', 'platform', 'base', 'profile', 'inputs', 'profile-step', 'request'];
  const envOf = (layer: string) =>
    Object.fromEntries(
      layers.slice(layers.indexOf(layer)).map((from) => [`BELOW_${layers.indexOf(from)}`, layer]),
    );
  const yaml = (layer: string) => JSON.stringify(envOf(layer));

  it('are the nested suite’s own, with the inputs above its profile; the outer suite’s layers stay outside', async () => {
    const outer = JSON.stringify({ OUTER: 'leaked', BELOW_7: 'outer' });
    const root = openSuiteRoot({
      outer: {
        'suite.yaml': `defaults: { env: ${outer} }\nsteps: { child: { kind: suite, ref: child } }`,
        'dependencies.yaml': `child: { ref: child, version: 1.0.0, profile: p, inputs: ${yaml('inputs')} }`,
        'profiles/o.yaml': `env: ${outer}`,
      },
      child: {
        'suite.yaml': `version: 1.0.0\ndefaults: { env: ${yaml('defaults')} }\nsteps: { a: { kind: task, run: a, env: ${yaml('step')} } }`,
        'profiles/base.yaml': `launchable: false\nenv: ${yaml('base')}`,
        'profiles/p.yaml': `extends: base\nenv: ${yaml('profile')}\nsteps: { a: { env: ${yaml('profile-step')} } }\nsecrets: [{ key: TOKEN, from: "env:T" }]`,
      },
    });
    await root.lock('outer');
    const plan = await root.plan('outer', { platformEnv: envOf('platform'), env: envOf('request') });
    expect(plan.nodes[0]?.env).toEqual(
      Object.fromEntries(layers.map((layer, position) => [`BELOW_${position}`, layer])),
    );
    expect(plan.nodes[0]?.secrets).toEqual([{ key: 'TOKEN', from: 'env:T' }]);
  });
});
