import type Docker from 'dockerode';
import { readFrames } from '@/lib/backends/docker/frames';
import { openBareDocker } from './bare-docker';
import { manyLines, printCommand } from './suites';

const newline = 0x0a;

/**
 * Milliseconds from the start of a container to the last of its lines, read by `follow` (from the log that the
 * daemon keeps) or by `attach`, and only counted.
 */
export async function readLinesBare(
  docker: Docker,
  suiteId: string,
  how: 'follow' | 'attach',
): Promise<number> {
  const bare = await openBareDocker(docker, suiteId);
  try {
    const container = await bare.create('printer', printCommand(manyLines));
    const output = { stream: true, stdout: true, stderr: true } as const;
    const attached = how === 'attach' ? await container.attach(output) : null;
    await container.start();
    const startedMs = performance.now();
    const stream = attached ?? (await container.logs({ follow: true, stdout: true, stderr: true }));
    let lines = 0;
    let lastMs = 0;
    const feed = readFrames((_stream, payload) => {
      for (let at = payload.indexOf(newline); at >= 0; at = payload.indexOf(newline, at + 1)) lines += 1;
    });
    for await (const chunk of stream) {
      feed(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
      lastMs = performance.now();
    }
    if (lines !== manyLines) throw new Error(`${how} gave ${lines} of ${manyLines} lines`);
    return lastMs - startedMs;
  } finally {
    await bare.close();
  }
}
