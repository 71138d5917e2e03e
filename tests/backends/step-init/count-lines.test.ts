import { spawn } from 'node:child_process';
import { platform } from 'node:os';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { ownStepInit, useStepInit } from './step-init-file';

const mark = (lines: number) => `\u001egantry: ${lines} lines\n`;

describe.skipIf(platform() !== 'linux' || ownStepInit === null)('step-init that counts lines', () => {
  const stepInit = useStepInit();

  function run(script: string) {
    const child = spawn(stepInit.file, ['-c', '/', 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, exit, output: text(child.stdout) };
  }

  it('says the number at the beginning and at the end', async () => {
    const { exit, output } = run('echo a; echo b; exit 7');
    expect(await output).toBe(`${mark(0)}a\nb\n${mark(2)}`);
    expect(await exit).toBe(7);
  });

  it('says nothing more of a program that prints nothing, or cannot be run', async () => {
    const { exit, output } = run('exit 3');
    expect(await output).toBe(mark(0));
    expect(await exit).toBe(3);
    const missing = spawn(stepInit.file, ['-c', '/', 'no-such-program'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const code = new Promise((resolve) => missing.once('close', resolve));
    expect(await text(missing.stdout)).toBe(mark(0));
    expect(await code).toBe(127);
  });

  it('puts the number behind a last line without an end', async () => {
    expect(await run('echo a; printf half').output).toBe(`${mark(0)}a\nhalf${mark(1)}`);
  });

  it('changes nothing else, and says the number at least every 128 KiB', async () => {
    const { output } = run('seq 1 200000');
    const lines = (await output).split('\n');
    expect(lines.filter((line) => !line.startsWith('\u001e')).slice(0, -1)).toEqual(
      Array.from({ length: 200_000 }, (_, at) => String(at + 1)),
    );
    const marks = lines.flatMap((line, at) => (line.startsWith('\u001e') ? [at] : []));
    const places = marks.map((at, number) => lines[at] === mark(at - number).trimEnd());
    expect(places.every(Boolean)).toBe(true);
    const sizes = marks.slice(1).map((at, number) => lines.slice(marks[number], at).join('\n').length);
    expect(Math.max(...sizes)).toBeLessThan(128 * 1024);
  });

  it('ends with its program, though a process in the background keeps its output', async () => {
    const { child, exit, output } = run('echo a; sleep 60 & echo $!; exit 4');
    expect(await exit.then(() => child.exitCode)).toBe(4);
    const [, , pid] = (await output).split('\n');
    process.kill(Number(pid));
  });

  it('gives a program that is told to stop its last word', async () => {
    const { child, exit, output } = run('trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.1; done');
    // Its first line tells that it has said what it does with the signal.
    let seen = '';
    let isTold = false;
    child.stdout.on('data', (chunk) => {
      seen += chunk;
      if (isTold || !seen.includes('up\n')) return;
      isTold = true;
      child.kill('SIGTERM');
    });
    expect(await exit).toBe(5);
    expect(await output).toBe(`${mark(0)}up\nbye\n${mark(2)}`);
  });

  it('counts what comes to its standard input', async () => {
    const child = spawn(stepInit.file, ['-c'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end('a\nb\nc\n');
    expect(String(await buffer(child.stdout))).toBe(`${mark(0)}a\nb\nc\n${mark(3)}`);
  });
});
