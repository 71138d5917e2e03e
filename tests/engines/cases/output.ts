import { expect } from 'vitest';
import { launchSuite, readEnded, readLines, runSuite } from '../suite-run';
import type { Case, OwnSuites } from './case';

const printNames = `for (const name of Object.keys(process.env).sort())
  if (/discovery|xpack/.test(name)) console.log(name + '=' + process.env[name])`;

/** Reads the variables without a shell, which drops such names. */
export const outputSuites: OwnSuites = {
  'env-dots-unshelled': {
    defaults: { image: 'gantry/toolbox:local' },
    steps: {
      search: {
        kind: 'test',
        run: ['node', '-e', printNames],
        env: { 'discovery.type': 'single-node', 'xpack.security.enabled': 'false' },
      },
    },
  },
};

/** What steps print and keep. */
export const outputCases: Case[] = [
  {
    folder: 'order',
    onProcesses: true,
    title: 'lines of both streams come in the order in which the engine has them',
    check({ execution, printed }) {
      expect(execution.status).toBe('failed');
      expect(execution.cause).toMatchObject({ stepId: 'trace' });
      for (const [id, count, limit] of [
        ['fast', 50, 50],
        ['gap2ms', 100, 20],
        ['gap20ms', 100, 2],
        ['gap200ms', 30, 0],
      ] as const) {
        const numbers = printed(id).map((text) => Number(text.slice(1)));
        expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
        const displacements = numbers.map((number, index) => Math.abs(number - index));
        expect(Math.max(...displacements), id).toBeLessThanOrEqual(limit);
        for (const parity of [0, 1]) {
          const one = numbers.filter((number) => number % 2 === parity);
          expect(one, id).toEqual([...one].sort((a, b) => a - b));
        }
      }
      expect(printed('shellx', 'stdout')).toEqual(['one', 'two', 'three', 'four']);
      expect(printed('trace', 'stdout')).toEqual(['step 1', 'step 2', 'step 3']);
    },
  },
  {
    folder: 'progress',
    onProcesses: true,
    title: 'a line that is written anew again and again is one line with its last state',
    async run(api) {
      const id = await launchSuite(api, 'progress');
      return readEnded(api, id);
    },
    async check({ execution, printed, seconds }, api) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      expect(printed('bar').slice(-2)).toEqual(['downloading 100% of the model', 'finished']);
      expect(seconds('bar')).toBeGreaterThan(11);
      expect((await readLines(api, execution.id)).every(({ text }) => !text.includes('\r'))).toBe(true);
    },
  },
  {
    folder: 'env-dots',
    title: 'a variable may have dots in its name, although a shell drops it',
    async check({ step, reason, printed: printedHere }, api) {
      expect(step('search').attempts[0]?.readyAt).not.toBeNull();
      // BusyBox: its `sh` drops such names, and its `nc` has no option `-z`.
      expect(printedHere('search')).toEqual([]);
      expect(reason('t')).toBe('exit code 1, expected 0');
      expect(printedHere('t')[0]).toBe("nc: invalid option -- 'z'");
      const { printed } = await runSuite(api, 'env-dots-unshelled');
      expect(printed('search')).toEqual(['discovery.type=single-node', 'xpack.security.enabled=false']);
    },
  },
  {
    folder: 'package-files',
    title: 'files of the package are as they are, and what cannot be done with them is explained',
    check({ statuses, printed, reason, step }) {
      expect(statuses()).toMatchObject({
        ...{ crlf: 'failed', exec: 'passed', noexec: 'failed', argv: 'failed', missing: 'failed' },
        ...{ missinginterp: 'failed', link: 'passed', writes: 'failed', cache: 'failed', cwd: 'passed' },
        'cwd-abs': 'errored',
      });
      const told = (id: string) =>
        [reason(id), ...printed(id, 'system'), ...hints(step(id).attempts)].join('\n');
      expect(printed('exec')).toEqual(['exec']);
      // BusyBox shows two bytes of the name as question marks.
      expect(printed('cwd')).toEqual(['/suite/sub dir', 'gr??n.txt', 'real']);
      expect(printed('link').slice(-2)).toEqual(['real', 'g']);
      expect(told('crlf')).toMatch(/line ending/);
      expect(told('noexec')).toContain('126');
      expect(told('argv')).toContain('exit code 126, expected 0 ("./noexec.sh" may not be executed');
      expect(told('missing')).toContain('the command "./nothere.sh" was not found');
      expect(told('missinginterp')).toContain('/bin/bash');
      for (const id of ['writes', 'cache']) expect(told(id), id).toContain('GANTRY_ARTIFACTS');
      expect(reason('cwd-abs')).toContain('/not/there');
    },
  },
  {
    folder: 'link-report',
    onProcesses: true,
    title: 'a report behind a link is read, or the reason says that it is a link',
    check({ statuses, reason, step }) {
      for (const id of ['file-link', 'folder-link']) {
        if (statuses()[id] === 'passed') expect(step(id).reports, id).toMatchObject([{ total: 1 }]);
        else expect(reason(id), id).toMatch(/\blink\b/);
      }
    },
  },
  {
    folder: 'many-artifacts',
    onProcesses: true,
    title: 'two thousand small files take about as long as one archive of them',
    check({ execution, artifacts, seconds }) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      expect(artifacts.filter(({ stepId }) => stepId === 'many')).toHaveLength(2_000);
      expect(seconds('many')).toBeLessThan(3 * (seconds('none') + seconds('packed')) + 6);
    },
  },
];

function hints(attempts: { warnings: string[] }[]): string[] {
  return attempts.flatMap(({ warnings }) => warnings);
}
