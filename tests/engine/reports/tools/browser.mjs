/** Reports of Playwright, Newman and Cucumber. */

const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);
const counts = (passed, failed, skipped, errored = 0) => ({ passed, failed, errored, skipped });
const bin = '$TOOLS/node_modules/.bin';

const playwrightFiles = {
  'playwright.config.ts': `export default { retries: 1, workers: 1, timeout: 2000, projects: [{ name: 'one' }, { name: 'two' }], reporter: [['list'], ['junit', { outputFile: 'out.xml' }], ['json', { outputFile: 'out.json' }]] };`,
  'shop.spec.ts': `import { test, expect } from '@playwright/test';
test('buys', ({}, info) => { expect(info.project.name).toBe('one'); });
test.skip('is skipped', () => {});
test.fixme('is to be mended', () => {});
test('is expected to fail', () => { test.fail(); expect(1).toBe(2); });
test('is flaky', ({}, info) => { expect(info.retry).toBe(1); });
test.describe('cart', () => { test('adds', () => {}); test.describe('when full', () => { test('refuses', () => {}); }); });
test.describe('hooks', () => { test.beforeAll(() => { throw new Error('db down'); }); test('first', () => {}); test('second', () => {}); });
test('times out', async () => { test.setTimeout(100); await new Promise(() => {}); });
`,
};
const playwrightCounts = (text) => {
  const of = (word) => number(text, new RegExp(`^\\s+(\\d+) ${word}`, 'm'));
  return {
    ...counts(of('passed') + of('flaky'), of('failed'), of('skipped') + of('did not run')),
    flaky: of('flaky'),
  };
};

const collection = JSON.stringify({
  info: { name: 'shop', schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' },
  item: [
    request(
      'lists',
      "pm.test('has items', () => pm.expect(1).to.equal(1)); pm.test('is quick', () => pm.expect(5).to.be.below(1));",
    ),
    request('breaks', "pm.test('never reached', () => {}); undefinedFunction();"),
    request('unreachable', "pm.test('is called all the same', () => {});"),
    request('skips', "pm.test.skip('is skipped', () => {});"),
  ],
});
function request(name, script) {
  return {
    name,
    event: [{ listen: 'test', script: { exec: [script] } }],
    request: {
      method: 'GET',
      url: name === 'unreachable' ? 'http://127.0.0.1:9/' : 'http://127.0.0.1:18931/',
    },
  };
}

const features = {
  'features/shop.feature': `Feature: Shop
  Scenario: buys
    Given a cart
    Then it holds 1
  Scenario: fails
    Given a cart
    Then it holds 2
  Scenario: is not defined
    Given nobody knows this
  Scenario: is pending
    Given a pending step
  Scenario: is skipped
    Given a skipped step
  Scenario Outline: counts <n>
    Given a cart
    Then it holds <n>
    Examples:
      | n |
      | 1 |
      | 3 |
`,
  'features/steps.js': `const { Given, Then } = require('@cucumber/cucumber');
const assert = require('node:assert');
Given('a cart', () => {});
Given('a pending step', () => 'pending');
Given('a skipped step', () => 'skipped');
Then('it holds {int}', (n) => assert.strictEqual(1, n));
`,
};
const cucumberCounts = (text) => {
  const line = /^\d+ scenarios \((.*)\)$/m.exec(text)?.[1] ?? '';
  const of = (word) => number(line, new RegExp(`(\\d+) ${word}`));
  return counts(of('passed'), of('failed') + of('ambiguous'), of('skipped'), of('undefined') + of('pending'));
};

export const browser = {
  fixtures: [
    {
      name: 'playwright.xml',
      version: `${bin}/playwright --version`,
      files: playwrightFiles,
      run: `${bin}/playwright test; code=$?; mv out.xml out; exit $code`,
      env: { NODE_PATH: '$TOOLS/node_modules' },
      counts: playwrightCounts,
    },
    {
      name: 'playwright.json',
      version: `${bin}/playwright --version`,
      files: playwrightFiles,
      run: `${bin}/playwright test; code=$?; mv out.json out; exit $code`,
      env: { NODE_PATH: '$TOOLS/node_modules' },
      counts: playwrightCounts,
    },
    {
      name: 'playwright-retries.xml',
      version: `${bin}/playwright --version`,
      files: playwrightFiles,
      run: `PLAYWRIGHT_JUNIT_INCLUDE_RETRIES=1 ${bin}/playwright test; code=$?; mv out.xml out; exit $code`,
      env: { NODE_PATH: '$TOOLS/node_modules' },
      counts: playwrightCounts,
    },
    {
      name: 'newman.xml',
      version: `${bin}/newman --version`,
      files: { 'shop.json': collection },
      run: `node $TOOLS/serve.cjs 18931 & server=$!; sleep 1; ${bin}/newman run shop.json --reporters cli,junit --reporter-junit-export out; code=$?; kill $server; exit $code`,
      counts: (text) => {
        const row = (word) => text.match(new RegExp(`│ +${word} │ +(\\d+) │ +(\\d+) │`)) ?? [];
        const [, ran, failed] = row('assertions');
        const errors = Number(row('requests')[2]) + Number(row('test-scripts')[2]);
        return counts(Number(ran) - Number(failed), Number(failed), 0, errors);
      },
    },
    {
      name: 'cucumber.json',
      version: `${bin}/cucumber-js --version`,
      files: features,
      run: `${bin}/cucumber-js --format progress --format json:out`,
      env: { NODE_PATH: '$TOOLS/node_modules' },
      counts: cucumberCounts,
    },
    {
      name: 'cucumber-junit.xml',
      version: `${bin}/cucumber-js --version`,
      files: features,
      run: `${bin}/cucumber-js --format progress --format junit:out`,
      env: { NODE_PATH: '$TOOLS/node_modules' },
      counts: cucumberCounts,
    },
  ],
};
