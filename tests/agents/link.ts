import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

const relaySource = `
  const net = require('net');
  const [, host, port] = process.argv;
  net.createServer((near) => {
    const far = net.connect(Number(port), host);
    near.pipe(far); far.pipe(near);
    near.on('error', () => far.destroy()); far.on('error', () => near.destroy());
  }).listen(Number(port), () => console.log('ready'));`;

/** A network namespace of the test's own with a relay in it, and the one link that leads there. */
export interface Link {
  /** The way to a port of this machine through the other network. */
  to(port: number): Promise<string>;
  /** Nothing passes any more, and nobody is told. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export function canMakeLinks(): boolean {
  return process.getuid?.() === 0 && ['/usr/sbin/ip', '/sbin/ip'].some((file) => existsSync(file));
}

export async function openLink(): Promise<Link> {
  const id = randomBytes(3).toString('hex');
  const namespace = `gantry-test-${id}`;
  const [near, far] = [`gt${id}a`, `gt${id}b`];
  const subnet = `10.254.${randomInt(1, 250)}`;
  const ip = (...words: string[]) => run('ip', words);
  const within = (...words: string[]) => ip('netns', 'exec', namespace, 'ip', ...words);
  await ip('netns', 'add', namespace);
  try {
    await ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', namespace);
    await ip('address', 'add', `${subnet}.1/30`, 'dev', near);
    await ip('link', 'set', near, 'up');
    await within('address', 'add', `${subnet}.2/30`, 'dev', far);
    await within('link', 'set', far, 'up');
    await within('link', 'set', 'lo', 'up');
  } catch (error) {
    await ip('netns', 'delete', namespace);
    throw error;
  }
  const relays: ChildProcess[] = [];
  return {
    async to(port) {
      const relay = spawn(
        'ip',
        ['netns', 'exec', namespace, process.execPath, '-e', relaySource, `${subnet}.1`, String(port)],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      relays.push(relay);
      await once(relay.stdout, 'data');
      return `http://${subnet}.2:${port}`;
    },
    cut: async () => void (await ip('link', 'set', near, 'down')),
    mend: async () => void (await ip('link', 'set', near, 'up')),
    async close() {
      for (const relay of relays) {
        const ended = once(relay, 'exit');
        relay.kill('SIGKILL');
        await ended;
      }
      // The link goes with it.
      await ip('netns', 'delete', namespace);
    },
  };
}
