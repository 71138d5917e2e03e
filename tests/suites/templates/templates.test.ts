import { describe, expect, it } from 'vitest';
import { escapeTemplate, parseTemplate } from '@/lib/suites/templates/grammar';
import { problemsOf } from '../suite-folder';
import { nodeOf, suiteWith } from './template-suite';

describe('a value with a template becomes', () => {
  it.each([
    ['no template', 'no template'],
    ['${{ vars.tag }}', '1.10'],
    ['${{vars.tag}}', '1.10'],
    ['${{   vars.tag   }}', '1.10'],
    ['${{\tvars.tag\n}}', '1.10'],
    ['shop/app:${{ vars.tag }}', 'shop/app:1.10'],
    ['${{ vars.tag }}-x', '1.10-x'],
    ['${{ vars.tag }}${{ vars.tag }}', '1.101.10'],
    ['a ${{ vars.tag }} b ${{ vars.port }} c', 'a 1.10 b 8080 c'],
    ['${{ vars.empty }}', ''],
    ['[${{ vars.empty }}]', '[]'],
    ['${{ vars.port }}', '8080'],
    ['${{ vars.on }}', 'true'],
    ['${{ vars.num }}', '1.10'],
    ['${{ vars._x-y }}', 'z'],
    ['${{ vars.constructor }}', 'c'],
    ['${{ profile }}', 'default'],
    ['${{ vars.tag }} on ${{ profile }}', '1.10 on default'],
    ['$${{ vars.tag }}', '${{ vars.tag }}'],
    ['$${{', '${{'],
    ['a $${{ b }} c', 'a ${{ b }} c'],
    ['$${{ x }} ${{ vars.tag }}', '${{ x }} 1.10'],
    ['$$${{ vars.tag }}', '$${{ vars.tag }}'],
    ['"${{ vars.tag }}"', '"1.10"'],
    ["'${{ vars.tag }}'", "'1.10'"],
    ['}} ${{ vars.tag }}', '}} 1.10'],
    ['${{ vars.tag }}}}', '1.10}}'],
    ['{{ vars.tag }}', '{{ vars.tag }}'],
    ['$ {{ vars.tag }}', '$ {{ vars.tag }}'],
    ['${ vars.tag }', '${ vars.tag }'],
    ['$(vars.tag)', '$(vars.tag)'],
    ['ü ${{ vars.tag }} 日本', 'ü 1.10 日本'],
  ])('%j → %j', (text, value) => {
    expect(nodeOf(suiteWith(text), 'test').env.VALUE).toBe(value);
  });
});

const forms = 'vars.NAME, steps.ID.outputs.NAME, profile or execution.id';
const noCode = 'a template holds one name and no code; for the text itself write "$${{"';

describe('a mistake in a template is a problem at its place', () => {
  it.each([
    ['${{ }}', `expected ${forms} between "\${{" and "}}", found nothing`],
    ['${{}}', `expected ${forms} between "\${{" and "}}", found nothing`],
    ['${{ vars.tag', 'expected "}}" after "${{ vars.tag", found none'],
    ['${{ vars.tag }', 'expected "}}" after "${{ vars.tag }", found none'],
    ['${{ vars.tag ${{ vars.tag }}', 'expected "}}" after "${{ vars.tag ${{ vars.tag }}", found none'],
    ['${{ vars }}', 'expected vars.NAME, found "vars"'],
    ['${{ vars.tag.x }}', 'expected vars.NAME, found "vars.tag.x"'],
    ['${{ vars. }}', `expected one of ${forms}, found "vars.": ${noCode}`],
    ['${{ .tag }}', `expected one of ${forms}, found ".tag": ${noCode}`],
    ['${{ vars..tag }}', `expected one of ${forms}, found "vars..tag": ${noCode}`],
    ['${{ vars.a b }}', `expected one of ${forms}, found "vars.a b": ${noCode}`],
    ['${{ vars.a || vars.b }}', `expected one of ${forms}, found "vars.a || vars.b": ${noCode}`],
    ['${{ vars["tag"] }}', `expected one of ${forms}, found "vars[\\"tag\\"]": ${noCode}`],
    ['${{ "x" }}', `expected one of ${forms}, found "\\"x\\"": ${noCode}`],
    ["${{ 'x' }}", `expected one of ${forms}, found "'x'": ${noCode}`],
    ['${{ 1 + 1 }}', `expected one of ${forms}, found "1 + 1": ${noCode}`],
    ['${{ f(x) }}', `expected one of ${forms}, found "f(x)": ${noCode}`],
    ['${{ vars.täg }}', `expected one of ${forms}, found "vars.täg": ${noCode}`],
    ['${{ vars.-x }}', `expected one of ${forms}, found "vars.-x": ${noCode}`],
    ['${{ var.tag }}', `expected one of ${forms}, found "var.tag"; did you mean "vars"?`],
    [
      '${{ step.build.outputs.x }}',
      `expected one of ${forms}, found "step.build.outputs.x"; did you mean "steps"?`,
    ],
    ['${{ profil }}', `expected one of ${forms}, found "profil"; did you mean "profile"?`],
    ['${{ matrix.os }}', `expected one of ${forms}, found "matrix.os"`],
    ['${{ secrets.KEY }}', `expected one of ${forms}, found "secrets.KEY"`],
    ['${{ env.HOME }}', `expected one of ${forms}, found "env.HOME"`],
    ['${{ Vars.tag }}', `expected one of ${forms}, found "Vars.tag"; did you mean "vars"?`],
    ['${{ __proto__ }}', `expected one of ${forms}, found "__proto__"`],
    ['${{ profile.name }}', 'expected profile, found "profile.name"'],
    ['${{ execution }}', 'expected execution.id, found "execution"'],
    ['${{ execution.ID }}', 'expected execution.id, found "execution.ID"'],
    ['${{ execution.id.x }}', 'expected execution.id, found "execution.id.x"'],
    ['${{ steps }}', 'expected steps.ID.outputs.NAME, found "steps"'],
    ['${{ steps.build }}', 'expected steps.ID.outputs.NAME, found "steps.build"'],
    ['${{ steps.build.outputs }}', 'expected steps.ID.outputs.NAME, found "steps.build.outputs"'],
    ['${{ steps.build.output.x }}', 'expected steps.ID.outputs.NAME, found "steps.build.output.x"'],
    ['${{ steps.build.outputs.x.y }}', 'expected steps.ID.outputs.NAME, found "steps.build.outputs.x.y"'],
    ['${{ vars.tga }}', 'expected a name in the "vars" of the suite, found "tga"; did you mean "tag"?'],
    [
      '${{ vars.nothing-near }}',
      'expected a name in the "vars" of the suite, found "nothing-near"; there are tag, empty, port, on, num, _x-y, constructor',
    ],
    [
      '${{ vars.toString }}',
      'expected a name in the "vars" of the suite, found "toString"; there are tag, empty, port, on, num, _x-y, constructor',
    ],
    [
      '${{ steps.biuld.outputs.x }}',
      'expected the id of a step, found "biuld" in steps.biuld.outputs.x; did you mean "build"?',
    ],
    [
      '${{ steps.far-away.outputs.x }}',
      'expected the id of a step, found "far-away" in steps.far-away.outputs.x',
    ],
    [
      '${{ steps.api.outputs.x }}',
      'expected a task, test or traffic in steps.api.outputs.x, found the service api, which has no outputs',
    ],
    [
      '${{ steps.test.outputs.x }}',
      'expected a step before test, found steps.test.outputs.x: a step cannot have its own outputs',
    ],
    [
      '${{ steps.lint.outputs.x }}',
      'expected a step that test comes after, found steps.lint.outputs.x: add lint to the "after" of test',
    ],
  ])('%j: %s', (text, message) => {
    expect(problemsOf(suiteWith(text))).toEqual([`suite.yaml:12:15 steps.test.env.VALUE: ${message}`]);
  });

  it('names each of several, at the place of each, wherever a template may be', () => {
    const problems = problemsOf(`vars: { tag: "\${{ vars.other }}" }
defaults:
  image: "node:\${{ vars.a }}"
  env: { A: "\${{ steps.one.outputs.x }}" }
steps:
  one:
    kind: task
    run: |
      echo hello
      echo \${{ vars.b }} \${{ vars.c }}
  two:
    kind: service
    image: "app:\${{ vars.d }}"
    args: [--tag, "\${{ vars.e }}"]
    entrypoint: ["\${{ vars.f }}"]
    headers: { X: "\${{ vars.g }}" }
`);
    expect(problems.map((problem) => problem.replace(/ expected.*/, ''))).toEqual([
      'suite.yaml:1:14 vars.tag:',
      'suite.yaml:3:16 defaults.image:',
      'suite.yaml:4:14 defaults.env.A:',
      'suite.yaml:10:12 steps.one.run:',
      'suite.yaml:10:26 steps.one.run:',
      'suite.yaml:13:17 steps.two.image:',
      'suite.yaml:14:20 steps.two.args:',
      'suite.yaml:15:19 steps.two.entrypoint:',
      'suite.yaml:16:20 steps.two.headers.X:',
    ]);
  });

  it.each([
    ['cwd', 'cwd: "${{ vars.a }}"'],
    ['files', 'files: { /etc/app.conf: "conf/${{ vars.a }}.conf" }'],
    ['inputs', 'inputs: [{ from: one, path: "dist/${{ vars.a }}/**", to: dist }]'],
  ])('is refused in %s, where it would be taken as it is', (key, line) => {
    const problems = problemsOf(`vars: { a: b }
steps:
  one: { kind: task, run: x, export: [dist/**] }
  two: { kind: task, run: x, after: one, ${line} }
`);
    expect(problems).toContainEqual(
      expect.stringContaining(`steps.two.${key}: expected a plain text, found a template`),
    );
  });

  it('is found in the files of profiles', () => {
    const files = {
      'suite.yaml': suiteWith('x'),
      'profiles/quick.yaml': `vars: { tga: 1 }
env: { A: "\${{ vars.b }}", B: "\${{ steps.build.outputs.x }}" }
steps: { build: { run: "echo \${{ steps.deploy.outputs.x }}" } }
`,
    };
    expect(problemsOf(files)).toEqual([
      'profiles/quick.yaml:1:9 vars: expected a name in the "vars" of the suite, found "tga"; did you mean "tag"?',
      expect.stringMatching(/^profiles\/quick\.yaml:2:\d+ env\.A: expected a name in the "vars"/),
      expect.stringMatching(/^profiles\/quick\.yaml:2:\d+ env\.B: expected vars, profile or execution here/),
      expect.stringMatching(
        /^profiles\/quick\.yaml:3:\d+ steps\.build\.run: expected a step that build comes after/,
      ),
    ]);
  });
});

describe('the order of steps decides which outputs can be named', () => {
  it.each([
    ['directly', '[a]', 'a', null],
    ['through another step', '[b]', 'a', null],
    ['through two others', '[c]', 'a', null],
    ['not at all', '[]', 'a', 'add a to the "after" of x'],
    ['on a branch beside it', '[d]', 'a', 'add a to the "after" of x'],
    ['through a nested suite', '[n]', 'a', null],
  ])('%s', (_, after, step, problem) => {
    const problems = problemsOf({
      'suite.yaml': `steps:
  a: { kind: task, run: a }
  b: { kind: task, run: b, after: a }
  c: { kind: task, run: c, after: b }
  d: { kind: task, run: d }
  n: { kind: suite, ref: other, after: a }
  x: { kind: test, run: x, after: ${after}, env: { V: "\${{ steps.${step}.outputs.o }}" } }
`,
      'dependencies.yaml': 'other: other-suite:1.0.0\n',
    }).filter((each) => each.includes('outputs'));
    expect(problems).toEqual(problem === null ? [] : [expect.stringContaining(problem)]);
  });

  it('does not take a failure for an order', () => {
    const [problem] = problemsOf(`steps:
  a: { kind: task, run: a }
  x: { kind: task, run: x, on_failure: a, env: { V: "\${{ steps.a.outputs.o }}" } }
`);
    expect(problem).toContain('add a to the "after" of x');
  });

  it('tells two steps that want each other as a cycle of "after"', () => {
    const problems = problemsOf(`steps:
  a: { kind: task, run: a, after: b, env: { V: "\${{ steps.b.outputs.o }}" } }
  b: { kind: task, run: b, after: a, env: { V: "\${{ steps.a.outputs.o }}" } }
`);
    expect(problems).toEqual([expect.stringContaining('steps wait for each other in a cycle: a → b → a')]);
  });
});

it('a text that was escaped comes out of a template as it was', () => {
  for (const text of ['${{ a }}', 'x', '$${{', '${{${{', '}}${{']) {
    const { parts, mistakes } = parseTemplate(escapeTemplate(text));
    expect(mistakes).toEqual([]);
    expect(parts.join('')).toBe(text);
  }
});
