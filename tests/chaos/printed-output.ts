import type Docker from 'dockerode';
import { labelNames } from '@/lib/backends/labels';

/** What the containers of attempts print, as Docker's own log has it: read beside Gantry and without it. */
export interface PrintedOutput {
  /** By stream; null when nobody saw the attempt's container start. Resolves when the container has ended. */
  linesOf(executionId: string, stepId: string, attempt: number): Promise<PrintedLines | null>;
  close(): void;
}

export interface PrintedLines {
  stdout: string[];
  stderr: string[];
}

interface ContainerEvent {
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
}

/** For suites that print little: what they print is kept in memory. The daemon must not restart meanwhile. */
export async function watchPrintedOutput(docker: Docker): Promise<PrintedOutput> {
  const known = new Map<string, Promise<PrintedLines>>();
  const ends = new Map<string, () => void>();
  const events = await docker.getEvents({
    filters: { type: ['container'], event: ['start', 'die'], label: [labelNames.execution] },
  });
  let text = '';
  events.on('error', () => undefined);
  events.on('data', (chunk) => {
    text += String(chunk);
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) take(JSON.parse(line));
  });

  function take({ Action, Actor }: ContainerEvent): void {
    const { Attributes: labels, ID: id } = Actor;
    if (Action === 'die') {
      ends.get(id)?.();
      return;
    }
    const attempt = [labelNames.execution, labelNames.step, labelNames.attempt].map((name) => labels[name]);
    const ended = new Promise<void>((resolve) => ends.set(id, resolve));
    known.set(attempt.join(' '), readBoth(docker.getContainer(id), ended));
  }

  return {
    linesOf: async (...attempt) => (await known.get(attempt.join(' '))) ?? null,
    close() {
      if ('destroy' in events && typeof events.destroy === 'function') events.destroy();
    },
  };
}

/**
 * Followed from the start, for a container that is removed as soon as it has ended; and read whole once it has,
 * for Docker may drop what a follower has not taken by then. The longer one is what was printed.
 */
async function readBoth(container: Docker.Container, ended: Promise<void>): Promise<PrintedLines> {
  const options = { stdout: true, stderr: true } as const;
  const followed = container
    .logs({ ...options, follow: true })
    .then(async (stream) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    })
    .catch(() => Buffer.alloc(0));
  await ended;
  const whole = await container.logs({ ...options, follow: false }).catch(() => Buffer.alloc(0));
  const live = await followed;
  return demultiplex(whole.length > live.length ? whole : live);
}

/** Each frame: its stream in the first byte, its size in the fifth to the eighth. */
function demultiplex(log: Buffer): PrintedLines {
  const parts: Record<keyof PrintedLines, Buffer[]> = { stdout: [], stderr: [] };
  for (let at = 0; at + 8 <= log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    parts[log[at] === 2 ? 'stderr' : 'stdout'].push(log.subarray(at + 8, end));
    at = end;
  }
  return { stdout: linesIn(parts.stdout), stderr: linesIn(parts.stderr) };
}

function linesIn(parts: Buffer[]): string[] {
  const text = Buffer.concat(parts).toString();
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
