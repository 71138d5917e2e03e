// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of a shell.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeStepSpec } from '@/lib/engine/step-spec';
import { gantryVariables } from '@/lib/model/step-variables';
import { makePlan } from '@/lib/planning/make-plan';
import type { PlanRequest } from '@/lib/planning/plan-request';
import { readSuite } from '@/lib/suites/read-suite';
import { noTraces } from '@/lib/telemetry/traces/traces';
import { openSuiteRoot } from '../../dependencies/suite-roots';
import { readValid, type SuiteFiles } from '../suite-folder';

const nothing = { profile: null, platformEnv: {}, env: {} };

function warningsOf(files: string | SuiteFiles, request: Partial<PlanRequest> = {}): string[] {
  return makePlan(readValid(files), { ...nothing, ...request }).warnings;
}

/** The warnings about one task with these keys, without their place. */
function warningsOfTask(keys: string, files: SuiteFiles = {}): string[] {
  const warnings = warningsOf({ ...files, 'suite.yaml': `steps:\n  a:\n    kind: task\n    ${keys}` });
  return warnings.map((warning) => warning.replace(/^suite\.yaml:\d+:\d+: steps\.a\./, ''));
}

describe('a file that "run" names and the package lacks', () => {
  it.each([
    ['run: node tests/a.js', 'tests/a.js'],
    ['run: sh ./x.sh', './x.sh'],
    ['run: ./x.sh --fast', './x.sh'],
    ['run: [node, tests/a.js]', 'tests/a.js'],
    ['run: [bin/serve]', 'bin/serve'],
    ['run: npm ci && node --test tests/a.mjs', 'tests/a.mjs'],
    ['run: A=1 exec node a.js', 'a.js'],
    ['run: if node a.js; then echo yes; fi', 'a.js'],
    ['run: [sh, -ec, "python3 a.py | tee out.txt"]', 'a.py'],
    ['run: node a.js\n    cwd: there', 'a.js'],
    ['run: node a.js\n    cwd: /suite/there', 'a.js'],
  ])('is a warning: %s', (keys, file) => {
    expect(warningsOfTask(keys, { 'there/b.txt': '' })).toEqual([
      `run names ${file}, which is not in the package`,
    ]);
  });

  it.each([
    ['it is there', 'run: node there/b.js'],
    ['it is there, below the working folder', 'run: node b.js\n    cwd: there'],
    ['it is named by a variable', 'run: node $FILE.js\n    env: { FILE: a }'],
    ['it is a pattern', 'run: node tests/*.js'],
    ['its name needs an option to be understood', 'run: node --import tsx a.ts'],
    ['it is the text of a program', 'run: node -e "require(\'./a.js\')"'],
    ['the folder has changed', 'run: cd /tmp && node a.js'],
    ['the script looks whether it is there', 'run: "[ -f a.sh ] && sh a.sh"'],
    ['the working folder is not in the package', 'run: node a.js\n    cwd: /tmp'],
    ['it is absolute', 'run: node /opt/a.js'],
    ['it may be found with another ending', 'run: node ./server'],
    ['it is only printed', 'run: echo node a.js'],
    ['it is a folder', 'run: ./there'],
    ['it is an option', 'run: node --version'],
    ['the program is not one that reads files', 'run: psql -f a.sql'],
    ['the script has a document in it', 'run: |\n      cat <<EOF\n      node a.js\n      EOF'],
  ])('is none when %s', (_why, keys) => {
    expect(warningsOfTask(keys, { 'there/b.js': '' })).toEqual([]);
  });

  it('is named at its line, also within a script of several lines and in one that is written in one line', () => {
    const files = {
      'suite.yaml':
        'steps:\n  a:\n    kind: task\n    # node a.js\n    run: |\n      npm ci\n      node a.js\n  b: { kind: task, run: [sh, b.sh] }',
    };
    expect(warningsOf(files)).toEqual([
      'suite.yaml:7:12: steps.a.run names a.js, which is not in the package',
      'suite.yaml:8:30: steps.b.run names b.sh, which is not in the package',
    ]);
  });
});

describe('a variable in "run"', () => {
  it.each([
    ['run: curl $API_URL', 'run uses $API_URL, which nothing sets; set it in "env", unless the image does'],
    [
      'run: curl ${API_URL}/x',
      'run uses ${API_URL}, which nothing sets; set it in "env", unless the image does',
    ],
    [
      'run: cp a "$GANTRY_ARTIFACT"',
      'run uses $GANTRY_ARTIFACT, which nothing sets; did you mean $GANTRY_ARTIFACTS?',
    ],
    [
      'run: echo "$API_ULR"\n    env: { API_URL: x }',
      'run uses $API_ULR, which nothing sets; did you mean $API_URL?',
    ],
    [
      'run: echo $A_B $A_B ${C_D:-$A_B}',
      'run uses $A_B, which nothing sets; set it in "env", unless the image does',
    ],
    [
      'run: [curl, "http://$GANTRY_STEP/"]',
      'run is a list, in which nothing expands $GANTRY_STEP; write it as a text, which runs in "sh -c"',
    ],
    [
      'run: [echo, "${A_B}"]\n    env: { A_B: x }',
      'run is a list, in which nothing expands ${A_B}; write it as a text, which runs in "sh -c"',
    ],
  ])('is a warning when nothing sets it, or nothing expands it: %s', (keys, warning) => {
    expect(warningsOfTask(keys)).toEqual([warning]);
  });

  it.each([
    ['the step sets it', 'run: echo $A_B\n    env: { A_B: x }'],
    ['Gantry sets it', 'run: echo $GANTRY_ATTEMPT $CI $GANTRY_ARTIFACTS'],
    ['the shell sets it', 'run: echo $PATH $HOME $PWD $RANDOM'],
    ['a well-known image sets it', 'run: ls $PGDATA $JAVA_HOME $NODE_VERSION'],
    ['the script sets it', 'run: |\n      A_B=$(date)\n      echo $A_B'],
    ['the script reads it', 'run: read A_B; echo $A_B; for C_D in 1 2; do echo $C_D; done'],
    ['the script may read it from a file', 'run: . ./env.sh; echo $A_B'],
    ['it has a default', 'run: echo ${A_B:-none} ${A_B+x}'],
    ['it is in single quotes', "run: awk '{ print $NF }' a.txt"],
    ['it is a name in small letters', 'run: echo $host'],
    ['a list gives it to a shell', 'run: [sh, -c, "echo $GANTRY_STEP"]'],
    ['a list gives it to a program of its own', 'run: [node, -e, "console.log(`${GANTRY_STEP}`)"]'],
    ['nobody knows it in a list', 'run: [jo, "price=$FREE"]'],
    ['it is what Kubernetes would expand', 'run: [echo, "$(GANTRY_STEP)"]'],
  ])('is none when %s', (_why, keys) => {
    expect(warningsOfTask(keys, { 'env.sh': '' })).toEqual([]);
  });

  const reader = 'steps:\n  a: { kind: task, run: "echo $A_B" }';
  const unset =
    'suite.yaml:2:31: steps.a.run uses $A_B, which nothing sets; set it in "env", unless the image does';
  it.each([
    ['defaults', { 'suite.yaml': `defaults: { env: { A_B: x } }\n${reader}` }, {}],
    ['the profile', { 'suite.yaml': reader, 'profiles/p.yaml': 'env: { A_B: x }' }, {}],
    [
      'the profile, for the step',
      { 'suite.yaml': reader, 'profiles/p.yaml': 'steps: { a: { env: { A_B: x } } }' },
      {},
    ],
    [
      'a secret of the profile',
      { 'suite.yaml': reader, 'profiles/p.yaml': 'secrets: [{ key: A_B, from: "env:X" }]' },
      {},
    ],
    ['the platform', { 'suite.yaml': reader }, { platformEnv: { A_B: 'x' } }],
    ['the launch', { 'suite.yaml': reader }, { env: { A_B: 'x' } }],
  ])('is none when it is set by %s', (_who, files, request) => {
    expect(warningsOf(files, request)).toEqual([]);
    expect(warningsOf(reader)).toEqual([unset]);
  });

  it('is a warning under the profile that does not set it', () => {
    const files = { 'suite.yaml': reader, 'profiles/p.yaml': 'env: { A_B: x }', 'profiles/q.yaml': '' };
    expect(warningsOf(files, { profile: null })).toEqual([]);
    expect(warningsOf(files, { profile: 'q' })).toEqual([unset]);
  });

  it('may be the address of a service that the step sees, and of no other', () => {
    const service = '  my-api: { kind: service, run: serve, ports: [80, 81] }\n';
    const task = (run: string) => `steps:\n${service}  t: { kind: task, run: "${run}", after: my-api }`;
    expect(warningsOf(task('curl $MY_API_HOST:$MY_API_PORT $MY_API_PORT_81'))).toEqual([]);
    expect(warningsOf(task('curl $MY_APP_HOST:$MY_API_PORT_82'))).toEqual([
      'suite.yaml:3:31: steps.t.run uses $MY_APP_HOST, which nothing sets; did you mean $MY_API_HOST?',
      'suite.yaml:3:44: steps.t.run uses $MY_API_PORT_82, which nothing sets; did you mean $MY_API_PORT_80?',
    ]);
  });

  it('counts for a nested suite what the one around it gives, and is named with its place there', async () => {
    const outer = (inputs: string) => ({
      'suite.yaml': 'steps: { pay: { kind: suite, ref: pay } }',
      'dependencies.yaml': `pay: { ref: child, version: 1.0.0${inputs} }`,
    });
    const child = `version: 1.0.0\n${reader}\n  api: { kind: service, run: serve, ports: [80] }\n  t: { kind: test, run: "curl $API_HOST $PAY_API_HOST", after: api }`;
    const root = openSuiteRoot({ with: outer(', inputs: { A_B: x }'), without: outer(''), child });
    for (const id of ['with', 'without']) await root.lock(id);
    const about = (warnings: string[]) => warnings.filter((warning) => warning.includes(' uses '));
    const other =
      'pay/suite.yaml:5:41: steps.t.run uses $PAY_API_HOST, which nothing sets; did you mean $API_HOST?';
    expect(about((await root.plan('with')).warnings)).toEqual([other]);
    expect(about((await root.plan('without')).warnings)).toEqual([
      'pay/suite.yaml:3:31: steps.a.run uses $A_B, which nothing sets; set it in "env", unless the image does',
      other,
    ]);
  });
});

describe('a variable in a value of "env"', () => {
  it('is a warning, for nothing expands it', () => {
    expect(
      warningsOf({
        'suite.yaml': `defaults:
  env:
    BASE: "http://\${HOST_NAME}"
steps:
  api: { kind: service, run: serve, ports: [80] }
  t:
    kind: test
    run: curl $URL
    after: api
    env:
      URL: "http://$API_HOST:$API_PORT"`,
        'profiles/p.yaml': 'env: { GREETING: "${WHO}" }\nsteps: { t: { env: { STEP: $GANTRY_STEP } } }',
      }),
    ).toEqual([
      'suite.yaml:3:19: env.BASE contains ${HOST_NAME}, which nothing expands: values of "env" are taken as they are',
      'suite.yaml:11:20: steps.t.env.URL contains $API_HOST, which nothing expands: values of "env" are taken as they are',
      'suite.yaml:11:30: steps.t.env.URL contains $API_PORT, which nothing expands: values of "env" are taken as they are',
      'profiles/p.yaml:1:19: env.GREETING contains ${WHO}, which nothing expands: values of "env" are taken as they are',
      'profiles/p.yaml:2:28: steps.t.env.STEP contains $GANTRY_STEP, which nothing expands: values of "env" are taken as they are',
    ]);
  });

  it.each(['pa$$word', '$2b$10$abcdefghij', 'a$', 'US$ 5', '$FREE', '^a+$', '$(GANTRY_STEP)'])(
    'is none when it only looks like one: %s',
    (value) => {
      expect(warningsOfTask(`run: a\n    env: { VALUE: '${value}' }`)).toEqual([]);
    },
  );

  it('is none when another layer replaces the value', () => {
    const files = {
      'suite.yaml': 'steps: { a: { kind: task, run: a, env: { URL: "${HOST}" } } }',
      'profiles/p.yaml': 'env: { URL: x }',
    };
    expect(warningsOf(files)).toEqual([]);
  });
});

describe('the warnings about files and variables', () => {
  const root = fileURLToPath(new URL('../../../suites', import.meta.url));
  it.each(readdirSync(root))('are none for the example %s', (name) => {
    const { suite } = readSuite(path.join(root, name)).entry;
    if (!suite) throw new Error(`expected ${name} to be valid`);
    expect(suite.warnings).toEqual([]);
    // Without what is nested in it, which is an example of its own.
    const nested = new Set(suite.steps.filter(({ kind }) => kind === 'suite').map(({ id }) => id));
    const steps = suite.steps
      .filter(({ id }) => !nested.has(id))
      .map((step) => ({ ...step, after: step.after.filter((id) => !nested.has(id)) }));
    for (const profile of suite.profiles) {
      const { warnings } = makePlan({ ...suite, steps }, { ...nothing, profile: profile.name });
      expect(warnings.filter((warning) => warning.includes('.yaml:'))).toEqual([]);
    }
  });

  it('know every variable that a step has from Gantry', () => {
    const plan = makePlan(readValid('steps: { a: { kind: task, run: a } }'), nothing);
    const [node] = plan.nodes;
    if (!node) throw new Error('expected a node');
    const backend = { id: 'local', kind: 'local' as const, label: 'Docker' };
    const execution = { id: 'x', backend, createdAt: new Date(0).toISOString() };
    const { env } = makeStepSpec(plan, { services: [], secrets: {}, tracing: noTraces }, execution, node, 1);
    expect(gantryVariables).toEqual(expect.arrayContaining(Object.keys(env)));
  });
});
