import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { neverReleasedCode } from '@/lib/backends/step-init/step-init';
import { ownStepInit, useStepInit } from './step-init-file';

const word = '0123456789abcdef';
const gate = ['-g', word];

/** What a program can see of how it was started. */
const look = [
  'tr "\\0" "|" < /proc/$PPID/cmdline; echo',
  'readlink /proc/self/fd/0; grep flags /proc/self/fdinfo/0; grep Sig[BI] /proc/self/status',
  'env | grep -v ^_= | sort; pwd; wc -c',
].join('; ');

describe.skipIf(platform() !== 'linux' || ownStepInit === null)('step-init that waits', () => {
  const stepInit = useStepInit();

  function start(options: string[], script: string) {
    const child = spawn(stepInit.file, [...options, '-w', '0', stepInit.folder, 'sh', '-c', script], {
      env: { ...process.env, GREETING: 'hello' },
    });
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, exit, output: text(child.stdout) };
  }

  async function untilItWaits(child: ChildProcessWithoutNullStreams): Promise<void> {
    const state = () => readFile(`/proc/${child.pid}/syscall`, 'utf8').catch(() => '');
    const polls = process.arch === 'x64' ? /^271 / : /^73 /;
    await expect.poll(state, { timeout: 20_000 }).toMatch(polls);
  }

  it('runs nothing before its word has come, and then as if it had been started without the option', async () => {
    const waiting = start(gate, look);
    await untilItWaits(waiting.child);
    expect(await readFile(`/proc/${waiting.child.pid}/task/${waiting.child.pid}/children`, 'utf8')).toBe('');
    waiting.child.stdin.write(word);
    const plain = spawn(
      'sh',
      ['-c', `exec "$0" "$@" <> /dev/null`, stepInit.file, '-w', '0', stepInit.folder, 'sh', '-c', look],
      {
        env: { ...process.env, GREETING: 'hello' },
      },
    );
    const expected = await text(plain.stdout);
    expect(expected).toContain('GREETING=hello');
    expect(await waiting.output).toBe(expected);
    expect(await waiting.exit).toBe(0);
  });

  it('gives the exit code of the program on', async () => {
    const { child, exit } = start(gate, 'exit 7');
    child.stdin.write(word);
    expect(await exit).toBe(7);
  });

  it('runs nothing where its input ends without the word', async () => {
    const { child, exit, output } = start(gate, 'echo ran');
    child.stdin.end(`\nls -l\n${word.slice(0, -1)}\n`);
    expect(await exit).toBe(neverReleasedCode);
    expect(await output).toBe('');
  });

  it('takes its word alone, whatever was typed before it', async () => {
    const { child, exit, output } = start(gate, 'echo ran');
    child.stdin.write(`\nls -l\n${word.slice(0, 9)}${word}`);
    expect(await exit).toBe(0);
    expect(await output).toBe('ran\n');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1'] as const)(
    'ends at once on %s while it waits, and runs nothing',
    async (signal) => {
      const { child, exit, output } = start(gate, 'echo ran');
      await untilItWaits(child);
      child.kill(signal);
      expect(await exit).toBe(neverReleasedCode);
      expect(await output).toBe('');
    },
  );
});
