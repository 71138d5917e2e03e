import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepInitFor } from '@/lib/backends/step-init/step-init';

const program = stepInitFor({ x64: 'amd64', arm64: 'arm64' }[String(arch())] ?? '');

/** What a program can see of how it was started. */
const look = [
  'tr "\\0" "|" < /proc/$PPID/cmdline; echo',
  'readlink /proc/self/fd/0; grep flags /proc/self/fdinfo/0; grep Sig[BI] /proc/self/status',
  'env | grep -v ^_= | sort; pwd; wc -c',
].join('; ');

describe.skipIf(platform() !== 'linux' || program === null)('step-init that waits', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-init-'));
    file = path.join(folder, 'step-init');
    await writeFile(file, program ?? '', { mode: 0o755 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  function start(options: string[], script: string) {
    const child = spawn(file, [...options, '-w', '0', folder, 'sh', '-c', script], {
      env: { ...process.env, GREETING: 'hello' },
    });
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, exit, output: text(child.stdout) };
  }

  async function untilItWaits(child: ChildProcessWithoutNullStreams): Promise<void> {
    const state = () => readFile(`/proc/${child.pid}/syscall`, 'utf8').catch(() => '');
    const readsInput = process.arch === 'x64' ? /^0 0x0 / : /^63 0x0 /;
    await expect.poll(state, { timeout: 20_000 }).toMatch(readsInput);
  }

  it('runs nothing before a byte has come, and then as if it had been started without the option', async () => {
    const waiting = start(['-g'], look);
    await untilItWaits(waiting.child);
    expect(await readFile(`/proc/${waiting.child.pid}/task/${waiting.child.pid}/children`, 'utf8')).toBe('');
    waiting.child.stdin.write('x');
    const plain = spawn(
      'sh',
      ['-c', `exec "$0" "$@" <> /dev/null`, file, '-w', '0', folder, 'sh', '-c', look],
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
    const { child, exit } = start(['-g'], 'exit 7');
    child.stdin.write('x');
    expect(await exit).toBe(7);
  });

  it('runs nothing where its input ends without a byte', async () => {
    const { child, exit, output } = start(['-g'], 'echo ran');
    child.stdin.end();
    expect(await exit).toBe(125);
    expect(await output).toBe('');
  });

  it('keeps a stop that was asked for while it waited', async () => {
    const { child, exit, output } = start(['-g'], 'trap "echo stopped; exit 3" TERM; sleep 60 & wait');
    await untilItWaits(child);
    child.kill('SIGTERM');
    child.stdin.write('x');
    // The program may be asked before it has set its trap.
    expect([3, 143]).toContain(await exit);
    expect(['stopped\n', '']).toContain(await output);
  });
});
