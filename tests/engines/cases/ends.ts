import { expect } from 'vitest';
import { secondsBetween } from '../suite-run';
import type { Case } from './case';

const notThere = (command: string) => `exit code 127, expected 0 (the command "${command}" was not found)`;

/** How steps end, and the sentences that say so. */
export const endCases: Case[] = [
  {
    folder: 'command-missing',
    title: 'a command that cannot be run is 127 or 126, in the same words each time',
    check({ statuses, step, reason }) {
      const ends = Object.fromEntries(
        Object.keys(statuses()).map((id) => [id, [statuses()[id], step(id).result?.exitCode]]),
      );
      expect(ends).toMatchObject({
        ...{ missing: ['failed', 127], missing2: ['failed', 127] },
        ...{ 'missing-path': ['failed', 127], 'missing-path2': ['failed', 127] },
        ...{ interp: ['failed', 127], interp2: ['failed', 127] },
        ...{ noexec: ['failed', 126], folder: ['failed', 126] },
        ...{ svc: ['failed', 127], svc2: ['failed', 127], expected: ['passed', 127] },
      });
      expect(statuses().t).toBe('skipped');
      for (const id of ['missing', 'missing2']) expect(reason(id)).toBe(notThere('./nothere.sh'));
      for (const id of ['missing-path', 'missing-path2']) expect(reason(id)).toBe(notThere('pytest'));
      expect(reason('interp')).toContain('/bin/bash');
      expect(reason('interp2')).toBe(reason('interp'));
      expect(reason('noexec')).toContain('exit code 126, expected 0 ("./noexec.sh" may not be executed');
      expect(reason('folder')).toContain('exit code 126, expected 0 ("/suite" is a folder');
      expect(reason('svc')).toContain('the command "./nothere.sh" was not found');
      expect(reason('svc2')).toContain('the command "gunicorn" was not found');
    },
  },
  {
    folder: 'shortlived-signal',
    onProcesses: true,
    title: 'a step that a signal ends at once has the code of that signal',
    check({ execution, step }) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      for (let number = 0; number < 10; number += 1) {
        expect(step(`a${number}`).result).toMatchObject({ exitCode: 143, signal: 'SIGTERM' });
        expect(step(`b${number}`).result).toMatchObject({ exitCode: 3, signal: null });
      }
    },
  },
  {
    folder: 'ok-oom',
    title: 'a step that runs out of memory says so, and one whose child does is warned',
    check({ statuses, reason, step }) {
      expect(statuses()).toMatchObject({
        direct: 'failed',
        child: 'failed',
        'child-ok': 'passed',
        t: 'passed',
      });
      expect(reason('direct')).toBe('out of memory: its limit is 64 MB');
      expect(step('direct').result).toMatchObject({ exitCode: 137, signal: 'SIGKILL', oomKilled: true });
      expect(reason('child')).toContain('exit code 1, expected 0');
      for (const id of ['child', 'child-ok', 'worker'])
        expect(step(id).attempts[0]?.warnings.join(), id).toMatch(/memory/);
    },
  },
  {
    folder: 'ok-retry-time',
    onProcesses: true,
    title: 'the second attempt has the whole time limit',
    check({ execution, step, printed }) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      const { attempts } = step('t');
      expect(attempts.map(({ status }) => status)).toEqual(['timed_out', 'passed']);
      expect(attempts[0]?.result?.reason).toMatch(/^timed out after 3 s/);
      const second = attempts[1];
      expect(secondsBetween(second?.startedAt ?? null, second?.finishedAt ?? null)).toBeGreaterThan(2);
      expect(printed('t')).toEqual(['second in time']);
    },
  },
  {
    folder: 'ok-env',
    onProcesses: true,
    title: 'every value of a variable arrives as it is written',
    check({ execution, printed }) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      const values = Object.fromEntries(
        printed('all').map((line) => {
          const [name = '', ...rest] = line.split(' ');
          return [name, rest.join(' ')];
        }),
      );
      const expected = {
        PEM: '-----BEGIN KEY-----\nMIIab+/==\nline3\n-----END KEY-----\n',
        DOLLAR: 'pa$$word ${HOME} $(id) $1 `x`',
        QUOTES: 'it\'s "quoted" \\ back\\nslash',
        EQ: 'a=b==c',
        EMPTY: '',
        SPACES: '  lead and trail  ',
        UNI: 'grüße 日本 😀',
        JSON: '{"a":[1,"x"],"b":null}',
        HASH: 'a # not a comment',
        PERCENT: '%PATH% %s %d',
        ...{ NUM: '0123', FLOAT: '1.10', BOOL: 'true', TILDE: '~/x', TAB: 'a\tb\r\nc' },
        ...{ lower_case: 'v', PATH_EXTRA: '/x:/y' },
      };
      for (const [name, value] of Object.entries(expected))
        expect(values[name], name).toBe(JSON.stringify(value));
      expect(printed('shell')).toEqual(['a', 'b|$x $$|', 'end']);
    },
  },
  {
    folder: 'ok-nonroot',
    title: 'a user that is a bare number can write, is exported, and opens port 80',
    check({ execution, printed, artifacts, step }) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      expect(printed('who', 'stdout')[0]).toMatch(/^uid=10101.* gid=10101/);
      expect(artifacts).toMatchObject([{ stepId: 'write', path: 'r/j.xml', format: 'junit' }]);
      expect(step('write').reports).toMatchObject([{ total: 1, passed: 1 }]);
      expect(step('ports80').attempts[0]?.readyAt).not.toBeNull();
    },
  },
];
