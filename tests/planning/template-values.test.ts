// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are templates of suites.
import { describe, expect, it } from 'vitest';
import type { Outputs } from '@/lib/model/outputs';
import { fillTemplates } from '@/lib/planning/fill-templates';
import { makePlan } from '@/lib/planning/make-plan';
import { readValid } from '../suites/suite-folder';
import { issuesOf, nodeOf, planOf, suiteWith } from '../suites/templates/template-suite';

describe('the values of variables', () => {
  const files = {
    'suite.yaml': `vars: { tag: "1", other: "x" }
steps:
  app: { kind: service, image: "shop/app:\${{ vars.tag }}" }
  load: { kind: task, run: "load \${{ vars.tag }}", after: app }
  check: { kind: test, run: [check, "\${{ vars.tag }}"], after: load, env: { P: "\${{ profile }}", L: "\${{ steps.load.outputs.n }}" } }
`,
    'profiles/full.yaml': 'default: true\n',
    'profiles/next.yaml': 'extends: full\nvars: { tag: "2" }\nenv: { TAG: "${{ vars.tag }}" }\n',
    'profiles/quick.yaml': 'steps: { load: { skip: true } }\n',
    'profiles/own.yaml':
      'steps: { app: { image: "shop/own:${{ vars.tag }}" }, load: { run: "other ${{ vars.other }}", env: { A: "${{ vars.tag }}" } } }\n',
  };

  it.each([
    ['the suite', {}, 'shop/app:1', 'suite'],
    ['the profile over the suite', { profile: 'next' }, 'shop/app:2', 'profile'],
    ['the launch over the suite', { vars: { tag: '3' } }, 'shop/app:3', 'launch'],
    ['the launch over the profile', { profile: 'next', vars: { tag: '4' } }, 'shop/app:4', 'launch'],
    ['the launch, which is not read as a template', { vars: { tag: 'x' } }, 'shop/app:x', 'launch'],
  ])('come from %s', (_, launch, image, layer) => {
    const app = nodeOf(files, 'app', launch);
    expect(app.image).toBe(image);
    expect(app.templates?.filter(({ at }) => at[0] === 'image')).toEqual([
      { at: ['image'], text: 'shop/app:${{ vars.tag }}', vars: { tag: layer }, parts: null },
    ]);
  });

  it('reach scripts, lists and variables, and a profile can replace a program', () => {
    expect(nodeOf(files, 'load').command).toEqual(['sh', '-c', 'load 1']);
    expect(nodeOf(files, 'check').command).toEqual(['check', '1']);
    expect(nodeOf(files, 'check', { profile: 'next' }).env).toMatchObject({ P: 'next', TAG: '2' });
    const own = nodeOf(files, 'load', { profile: 'own', vars: { other: 'y' } });
    expect(own.command).toEqual(['sh', '-c', 'other y']);
    expect(own.env.A).toBe('1');
    expect(nodeOf(files, 'app', { profile: 'own' }).image).toBe('shop/own:1');
    const images = { app: 'shop/app@sha256:'.concat('a'.repeat(64)) };
    expect(nodeOf(files, 'app', { profile: 'own', images }).image).toBe(images.app);
  });

  it.each([
    [
      { vars: { tga: '1' } },
      'vars.tga expected a name in the "vars" of the suite, found "tga"; did you mean "tag"?',
    ],
    [{ vars: { tag: 'a b' } }, 'steps.app.image expected an image such as node:22, found "shop/app:a b"'],
    [{ vars: { tag: '$(id)' } }, 'steps.load.run[2] the value of vars.tag has other characters'],
    [{ vars: { tag: '${{ profile }}' } }, 'steps.load.run[2] the value of vars.tag has other characters'],
    [
      { images: { appp: 'x' } },
      'images.appp expected the id of a step that runs, found "appp"; did you mean "app"?',
    ],
    [
      { images: { app: 'Not An Image' } },
      'images.app expected an image such as node:22, found "Not An Image"',
    ],
    [{ images: { __proto__x: 'x' } }, 'images.__proto__x expected the id of a step that runs'],
    [
      { profile: 'quick' },
      'steps.check.env.L expected an output of a step that runs, found steps.load.outputs.n: the profile "quick" leaves load out',
    ],
  ])('that cannot be used stop the launch: %j', (launch, issue) => {
    expect(issuesOf(files, launch)).toEqual(expect.arrayContaining([expect.stringContaining(issue)]));
  });

  it('of a launch are kept with the plan, for whoever repeats it', () => {
    expect(planOf(files, { vars: { tag: '9' } }).launchValues).toEqual({ vars: { tag: '9' }, images: {} });
  });

  it('are not looked for in what comes from outside the suite', () => {
    const suite = readValid({
      'suite.yaml': 'steps: { a: { kind: task, run: a, env_file: a.env } }\n',
      'a.env': 'A=${{ vars.x }}\n',
    });
    const outside = { B: '${{ vars.x }}' };
    const [node] = makePlan(suite, { profile: null, platformEnv: outside, env: { C: '${{' } }).nodes;
    expect(node?.env).toEqual({ A: '${{ vars.x }}', B: '${{ vars.x }}', C: '${{' });
  });

  it('give a sentence where ${X} stands in arguments, which nothing expands', () => {
    const { warnings } = planOf(
      'steps:\n  a:\n    kind: task\n    image: x\n    args: [--tag, "${TAG_NAME}"]\n',
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^suite\.yaml:5:\d+: steps\.a\.args contains \$\{TAG_NAME\}/),
    ]);
  });
});

describe('outputs are filled in when a step starts', () => {
  const late = (value: string) => nodeOf(suiteWith(value), 'test');
  const fill = (value: string, steps: Record<string, Outputs | null>) => {
    const filled = fillTemplates(late(value), { executionId: 'e1', outputsOf: (id) => steps[id] ?? null });
    return 'problem' in filled ? filled.problem : filled.node.env.VALUE;
  };

  it.each([
    ['${{ steps.deploy.outputs.url }}', { deploy: { url: 'http://a' } }, 'http://a'],
    ['${{ steps.deploy.outputs.url }}/${{ vars.tag }}', { deploy: { url: 'u' } }, 'u/1.10'],
    [
      '${{ steps.build.outputs.a }}${{ steps.deploy.outputs.a }}',
      { build: { a: '1' }, deploy: { a: '2' } },
      '12',
    ],
    ['${{ execution.id }}', {}, 'e1'],
    ['run-${{ execution.id }}-${{ profile }}', {}, 'run-e1-default'],
    ['$${{ x }} ${{ execution.id }}', {}, '${{ x }} e1'],
    ['${{ steps.deploy.outputs.a }}', { deploy: { a: '${{ vars.tag }}' } }, '${{ vars.tag }}'],
    ['${{ steps.deploy.outputs.a }}', { deploy: { a: '' } }, ''],
    ['${{ steps.deploy.outputs.a }}', { deploy: { a: 'two\nlines' } }, 'two\nlines'],
    [
      '${{ steps.deploy.outputs.url }}',
      { deploy: null },
      'env.VALUE cannot be made: steps.deploy.outputs.url is not there, because deploy has not passed',
    ],
    [
      '${{ steps.deploy.outputs.url }}',
      { deploy: {} },
      'env.VALUE cannot be made: steps.deploy.outputs.url is not there: deploy wrote nothing into $GANTRY_OUTPUT',
    ],
    [
      '${{ steps.deploy.outputs.url }}',
      { deploy: { port: '1' } },
      'env.VALUE cannot be made: steps.deploy.outputs.url is not there: deploy wrote only port into $GANTRY_OUTPUT',
    ],
    [
      '${{ steps.deploy.outputs.address }}',
      { deploy: { adress: '1' } },
      'env.VALUE cannot be made: steps.deploy.outputs.address is not there: deploy wrote "adress" into $GANTRY_OUTPUT',
    ],
    [
      '${{ steps.deploy.outputs.toString }}',
      { deploy: {} },
      'env.VALUE cannot be made: steps.deploy.outputs.toString is not there: deploy wrote nothing into $GANTRY_OUTPUT',
    ],
  ])('%j with %j → %j', (text, steps, value) => {
    expect(fill(text, steps)).toBe(value);
  });

  it.each([
    ['1.2', ['sh', '-c', 'use 1.2']],
    ['; rm -rf /', 'run[2] cannot be made: the value of steps.a.outputs.v has other characters'],
    ['$(id)', 'run[2] cannot be made: the value of steps.a.outputs.v has other characters'],
    ['a\nb', 'run[2] cannot be made: the value of steps.a.outputs.v has other characters'],
  ])('and never become a command of a script: %j', (value, expected) => {
    const suite = `steps:
  a: { kind: task, run: a }
  b: { kind: task, run: "use \${{ steps.a.outputs.v }}", after: a }
`;
    const filled = fillTemplates(nodeOf(suite, 'b'), { executionId: 'e', outputsOf: () => ({ v: value }) });
    if (typeof expected === 'string') expect(filled).toEqual({ problem: expect.stringContaining(expected) });
    else expect(filled).toMatchObject({ node: { command: expected } });
  });

  it('also as an image, which has to be one', () => {
    const suite = `steps:
  a: { kind: task, run: a }
  b: { kind: service, image: "shop/app:\${{ steps.a.outputs.tag }}", after: a }
`;
    const fillWith = (tag: string) =>
      fillTemplates(nodeOf(suite, 'b'), { executionId: 'e', outputsOf: () => ({ tag }) });
    expect(fillWith('1.2')).toMatchObject({ node: { image: 'shop/app:1.2' } });
    expect(fillWith('a b')).toEqual({
      problem: 'image cannot be made: expected an image such as node:22, found "shop/app:a b"',
    });
  });

  it('and only the steps whose outputs anybody wants are looked into', () => {
    const nodes = planOf(`steps:
  named: { kind: task, run: a }
  writes: { kind: task, run: 'echo A=1 >> "$GANTRY_OUTPUT"' }
  exports: { kind: task, run: a, export: [x] }
  neither: { kind: task, run: a, after: named, env: { V: "\${{ steps.named.outputs.v }}" } }
`).nodes;
    expect(
      nodes
        .filter(({ outputs }) => outputs)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['exports', 'named', 'writes']);
  });
});
