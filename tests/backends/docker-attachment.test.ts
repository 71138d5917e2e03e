import { Readable } from 'node:stream';
import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import { attachTo } from '@/lib/backends/docker/attachment';
import type { Daemon } from '@/lib/backends/docker/daemon';
import { createFakeClock } from '../support/fake-clock';

// Podman 5.8.6, in one of fifteen containers that end at once on a busy machine.
const podmanSays = 'Error: read unixpacket @->/proc/self/fd/13/attach: read: connection reset by peer\n';

describe('What an engine sends to whoever is attached to a container', () => {
  it('is read to its end', async () => {
    const { isWhole, printed } = await readAll('Docker', [frame(1, 'one\n'), frame(2, podmanSays)]);
    expect(printed).toEqual(['stdout one\n', `stderr ${podmanSays}`]);
    expect(isWhole).toBe(true);
  });

  it('is not whole where Podman ends it with an error of its own, which nobody has printed', async () => {
    const { isWhole, printed, hasSeenOutput } = await readAll('Podman', [frame(2, podmanSays)]);
    expect(printed).toEqual([]);
    expect(isWhole).toBe(false);
    expect(hasSeenOutput).toBe(false);
  });

  it('may have such a line in its middle, for then the program printed it', async () => {
    const { isWhole, printed } = await readAll('Podman', [frame(2, podmanSays), frame(1, 'one\n')]);
    expect(printed).toEqual([`stderr ${podmanSays}`, 'stdout one\n']);
    expect(isWhole).toBe(true);
  });
});

async function readAll(name: 'Docker' | 'Podman', frames: Buffer[]) {
  const docker = new Docker();
  const container = docker.getContainer('c1');
  docker.getContainer = () => Object.assign(container, { attach: async () => Readable.from(frames) });
  const daemon: Daemon = {
    name,
    engine: async () => ({ name, version: '5.8.6', architecture: 'amd64' }),
    call: (_what, _limitMs, run) => run(docker, new AbortController().signal),
  };
  const attachment = await attachTo({ clock: createFakeClock(), daemon }, 'c1');
  const printed: string[] = [];
  const isWhole = await attachment.read(
    (stream, payload) => printed.push(`${stream} ${payload}`),
    async () => true,
  );
  return { isWhole, printed, hasSeenOutput: attachment.hasSeenOutput() };
}

function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}
