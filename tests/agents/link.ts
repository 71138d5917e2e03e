import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A network namespace of the test's own, the one link that leads there, and over it the way to Docker's networks. */
export interface Link {
  /** Before a command: it runs in the other network. */
  within: readonly string[];
  /** This machine, seen from there. */
  host: string;
  /** Nothing passes to or from this machine any more, and nobody is told. Containers are reached as before. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export function canMakeLinks(): boolean {
  const isThere = (tool: string) => existsSync(`/usr/sbin/${tool}`) || existsSync(`/sbin/${tool}`);
  return process.getuid?.() === 0 && isThere('ip') && isThere('iptables');
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
    await within('route', 'add', 'default', 'via', `${subnet}.1`);
    // Docker lets in nothing from outside that was not published.
    await run('iptables', ['-w', '-I', 'DOCKER-USER', '-i', near, '-j', 'ACCEPT']);
  } catch (error) {
    await ip('netns', 'delete', namespace);
    throw error;
  }
  const filter = async (change: '-A' | '-D') => {
    for (const rule of [
      ['OUTPUT', '-d', `${subnet}.1`],
      ['INPUT', '-s', `${subnet}.1`],
    ]) {
      await ip('netns', 'exec', namespace, 'iptables', '-w', change, ...rule, '-j', 'DROP');
    }
  };
  return {
    within: ['ip', 'netns', 'exec', namespace],
    host: `${subnet}.1`,
    cut: () => filter('-A'),
    mend: () => filter('-D'),
    async close() {
      await run('iptables', ['-w', '-D', 'DOCKER-USER', '-i', near, '-j', 'ACCEPT']);
      // The link goes with it.
      await ip('netns', 'delete', namespace);
    },
  };
}
