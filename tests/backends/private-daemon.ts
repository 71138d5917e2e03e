import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';

const run = promisify(execFile);

/** A Docker daemon of the test's own, in a network namespace of its own: it may die. Needs root. */
export interface PrivateDaemon {
  docker: Docker;
  socket: string;
  /** Sends the signal; resolves when the daemon has gone, at once for SIGSTOP. */
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export function canRunPrivateDaemon(): boolean {
  return (
    process.getuid?.() === 0 &&
    ['/usr/sbin/dockerd', '/usr/bin/containerd', '/usr/bin/unshare'].every(existsSync)
  );
}

export async function startPrivateDaemon({ liveRestore }: { liveRestore: boolean }): Promise<PrivateDaemon> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-daemon-'));
  const at = (name: string) => path.join(folder, name);
  const socket = at('docker.sock');
  const docker = new Docker({ socketPath: socket });
  const containerd = spawn(
    'containerd',
    ['--root', at('containerd'), '--state', at('state'), '--address', at('containerd.sock')],
    { stdio: 'ignore' },
  );
  await until(async () => existsSync(at('containerd.sock')));
  let dockerd: ChildProcess | null = null;

  const arguments_ = [
    ...[
      '--data-root',
      at('data'),
      '--exec-root',
      at('exec'),
      '--pidfile',
      at('pid'),
      '--host',
      `unix://${socket}`,
    ],
    ...['--containerd', at('containerd.sock'), '--bridge', 'none', '--iptables=false'],
    ...(liveRestore ? ['--live-restore'] : []),
  ];

  async function start(): Promise<void> {
    dockerd = spawn('unshare', ['-n', 'dockerd', ...arguments_], { stdio: 'ignore' });
    await until(() =>
      docker.ping().then(
        () => true,
        () => false,
      ),
    );
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    const gone =
      dockerd && dockerd.exitCode === null && dockerd.signalCode === null ? once(dockerd, 'exit') : null;
    process.kill(Number(await readFile(at('pid'), 'utf8')), signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await gone;
  }

  await start();
  return {
    docker,
    socket,
    start,
    kill,
    async close() {
      for (const { Id } of await docker.listContainers({ all: true })) {
        await docker.getContainer(Id).remove({ force: true });
      }
      await kill('SIGTERM');
      const ended = once(containerd, 'exit');
      containerd.kill('SIGTERM');
      await ended;
      const mounts = (await readFile('/proc/self/mounts', 'utf8'))
        .split('\n')
        .map((line) => line.split(' ')[1] ?? '')
        .filter((mount) => mount.startsWith(folder));
      for (const mount of mounts.reverse()) await run('umount', [mount]);
      await rm(folder, { recursive: true });
    },
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the private Docker daemon did not start within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
