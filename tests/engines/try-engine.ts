import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/requirements';
import { type EngineName, type OtherEngine, startOtherEngine } from './engine';
import { countTests, failuresOf } from './results';

/** The roots of the engines are made first where they are not there. */
const startLimitMs = 600_000;
const runLimitMs = 900_000;
const examples = 'on Docker (runs hello|runs storefront, retries|ends every step of broken)';

/** Tests another container engine than this machine's own. `npm run engines` tries all of them, and much more on each. */
export function tryEngine(name: EngineName): void {
  describeWith('engines', `another container engine than this machine’s own: ${name}`, () => {
    let engine: OtherEngine;

    beforeAll(async () => {
      engine = await startOtherEngine(name, () => undefined);
    }, startLimitMs);
    afterAll(() => engine?.close());

    it(`${name} keeps the contract of backends`, { timeout: runLimitMs }, async () => {
      const files = ['tests/backends/docker-contract.test.ts'];
      const run = await engine.test(['--config', 'tests/vitest.config.ts', ...files]);
      expect(failuresOf(run), engine.version).toEqual([]);
      expect(countTests(run).passed, engine.version).toBeGreaterThan(30);
    });

    it(`${name} runs hello, storefront and broken to their right ends`, { timeout: runLimitMs }, async () => {
      const files = ['tests/suites-examples.test.ts', '-t', examples];
      const run = await engine.test(['--config', 'tests/vitest.config.ts', ...files]);
      expect(failuresOf(run), engine.version).toEqual([]);
      expect(countTests(run).passed, engine.version).toBe(3);
    });
  });
}
