import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { stepInitFor } from '@/lib/backends/step-init/step-init';

/** `containerLogMaxSize` of the kubelet. */
const maxFileBytes = 10 * 1024 * 1024;
const firstMs = Date.parse('2026-01-02T03:04:05.000Z');

/** A container's log as the kubelet of a containerd cluster keeps it: files of 10 MiB, of which it serves the newest. */
export interface RotatedLog {
  /** What a reader gets of it when `lines` lines, marks among them, were printed; without `since`, from the file's beginning. */
  read(lines: number, since?: string): string;
  /** With the marks. */
  total: number;
}

/** The log of a program with so many lines a second, as `step-init` itself counts them. */
export async function makeRotatedLog(program: string, linesPerSecond: number): Promise<RotatedLog> {
  const entries = (await countedOutput(program)).split('\n').slice(0, -1);
  const times = entries.map((_, at) => firstMs + Math.floor((at * 1000) / linesPerSecond));
  const nanos = (at: number) => String((at * 1_000) % 1_000_000).padStart(6, '0');
  const lines = entries.map(
    (entry, at) => `${new Date(times[at] ?? 0).toISOString().slice(0, -1)}${nanos(at)}Z ${entry}\n`,
  );
  const starts: number[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [at, line] of lines.entries()) {
    if (bytes > maxFileBytes) {
      starts.push(at);
      bytes = 0;
    }
    bytes += line.length;
  }
  return {
    total: lines.length,
    read(count, since) {
      const start = starts.findLast((each) => each < count) ?? 0;
      const sinceMs = since === undefined ? 0 : Date.parse(since);
      return lines
        .slice(start, count)
        .filter((_, at) => (times[start + at] ?? 0) >= sinceMs)
        .join('');
    },
  };
}

async function countedOutput(program: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-log-'));
  try {
    const file = path.join(folder, 'step-init');
    await writeFile(file, stepInitFor(arch() === 'arm64' ? 'arm64' : 'amd64') ?? '', { mode: 0o755 });
    const child = spawn(file, ['-c', '/', 'sh', '-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    const output = await buffer(child.stdout);
    await ended;
    return output.toString();
  } finally {
    await rm(folder, { recursive: true });
  }
}
