import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { makeControlPlane } from '../chaos/control-plane';
import { openTestDatabase } from '../support/database';
import { launchSuite, readEnded } from './suite-run';

const lines = 400_000;
const suiteId = 'flood';
const print = `
  const { once } = require('node:events');
  (async () => {
    for (let first = 1; first <= ${lines}; first += 500) {
      let text = '';
      for (let n = first; n < first + 500; n += 1) text += ('line ' + n + ' ').padEnd(100, 'abcdefghij') + '\\n';
      if (!process.stdout.write(text)) await once(process.stdout, 'drain');
    }
  })();`;
const suite = {
  steps: {
    printer: { kind: 'task', image: 'gantry/toolbox:local', run: ['node', '-e', print], timeout: '10m' },
  },
};

it('kill -9 of Gantry in the middle of a flood of 400,000 lines loses none and doubles none', {
  timeout: 900_000,
}, async () => {
  const closing: (() => unknown)[] = [];
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'gantry-flood-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    await mkdir(path.join(folder, suiteId));
    await writeFile(path.join(folder, suiteId, 'suite.yaml'), JSON.stringify(suite));
    await buildToolbox({ docker: new Docker(), log: () => undefined });
    const database = await openTestDatabase();
    closing.push(() => database.drop());
    const plane = await makeControlPlane('flood', { DATABASE_URL: database.url, GANTRY_SUITES: folder });
    closing.push(() => plane.close());
    await plane.start();
    const id = await launchSuite(plane.api, suiteId);

    const storedAtKill = await untilStored(plane.api, id, lines / 10);
    await plane.kill();
    await plane.start();

    const { execution, printed, step } = await readEnded(plane.api, id);
    expect(storedAtKill).toBeLessThan(lines);
    expect(execution.status, execution.cause?.sentence).toBe('passed');
    const numbers = printed('printer', 'stdout').map((text) => Number(text.split(' ')[1]));
    expect(firstWrong(numbers)).toBeNull();
    expect(numbers).toHaveLength(lines);
    // A second container would print all of them again.
    expect(step('printer').attempts).toHaveLength(1);
    expect(execution.receipt?.left).toEqual([]);
  } finally {
    for (const close of closing.reverse()) await close();
  }
});

/** Resolves with how many lines are stored once they are at least so many. */
async function untilStored(
  api: { get(path: string): Promise<{ lastSeq: number }> },
  id: string,
  least: number,
): Promise<number> {
  for (;;) {
    const { lastSeq } = await api.get(`/api/v1/executions/${id}/logs?limit=1`);
    if (lastSeq >= least) return lastSeq;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The first line that is not the one after its predecessor; null when each is. */
function firstWrong(numbers: readonly number[]): string | null {
  const at = numbers.findIndex((number, index) => number !== index + 1);
  return at < 0 ? null : `line ${at + 1} of ${numbers.length} has the number ${numbers[at]}`;
}
