import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements';
import { killOnEmbeddedDatabase } from './embedded-kills';
import { chattyOutput, killDuringExamples } from './example-kills';
import { createRandom } from './random';
import { killOneOfTwo } from './replica-kills';

// The same for longer: `npm run chaos -- --faults examples`, `embedded` and `replicas`.
describeWith('docker', 'kill -9 of a control plane', () => {
  it('at random moments changes no result and no line of the examples', { timeout: 600_000 }, async () => {
    const said: string[] = [];
    const examples = [
      { suiteId: 'storefront', profile: 'default', rounds: 1, flaky: 'checkout', printed: null },
      { suiteId: 'chatty', profile: 'short', rounds: 3, flaky: null, printed: chattyOutput(10_000) },
    ];
    const problems = await killDuringExamples(createRandom(5), (text) => said.push(text), examples);
    expect(problems, said.join('\n')).toEqual([]);
  });

  it('on its embedded database loses nothing that it had told', { timeout: 600_000 }, async () => {
    const said: string[] = [];
    const problems = await killOnEmbeddedDatabase(createRandom(4), (text) => said.push(text), 3);
    expect(problems, said.join('\n')).toEqual([]);
  });

  it('beside another one, again and again, lets no step run twice', { timeout: 600_000 }, async () => {
    const said: string[] = [];
    const kills = { executions: 12, minKills: 2, everyMs: 4_000, limitMs: 300_000 };
    const report = await killOneOfTwo(createRandom(6), (text) => said.push(text), kills);
    expect(report.problems, said.join('\n')).toEqual([]);
    expect(report.kills).toBeGreaterThanOrEqual(2);
    expect(report.adoptions).toBeGreaterThan(0);
  });
});
