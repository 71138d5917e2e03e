import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '@/lib/clock';
import { freePort } from '@/lib/store/postgres/server/free-port';
import { makeRoot } from '../suites/suite-folder';

export interface GitServer {
  /** `git://127.0.0.1:…/name` */
  url(name: string): string;
  /** The repository's own folder. */
  folder(name: string): string;
  /** Writes the files, commits them and answers the commit; the tag is moved to it. */
  commit(name: string, files: Record<string, string>, tag?: string): string;
  stop(): Promise<void>;
}

/** Git's own server on a free port, over repositories of the test's own. */
export async function startGitServer(): Promise<GitServer> {
  const root = makeRoot();
  const port = await freePort();
  const words = [
    'daemon',
    '--reuseaddr',
    '--export-all',
    '--listen=127.0.0.1',
    `--port=${port}`,
    `--base-path=${root}`,
  ];
  const daemon = spawn('git', [...words, root], { stdio: 'ignore', detached: true });
  const ended = once(daemon, 'exit');
  const stop = async () => {
    if (daemon.exitCode === null && daemon.signalCode === null && daemon.pid)
      process.kill(-daemon.pid, 'SIGKILL');
    await ended;
  };
  onTestFinished(stop);
  await untilAnswers(port);
  return {
    url: (name) => `git://127.0.0.1:${port}/${name}`,
    folder: (name) => path.join(root, name),
    commit(name, files, tag) {
      const folder = path.join(root, name);
      const git = (...args: string[]) =>
        execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
          stdio: 'pipe',
        })
          .toString()
          .trim();
      mkdirSync(folder, { recursive: true });
      git('init', '--quiet', '--initial-branch=main');
      for (const [file, content] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        writeFileSync(path.join(folder, file), content);
      }
      git('add', '--all');
      git('commit', '--quiet', '--message', 'more');
      if (tag) git('tag', '--force', tag);
      return git('rev-parse', 'HEAD');
    },
    stop,
  };
}

async function untilAnswers(port: number): Promise<void> {
  for (;;) {
    const answers = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (answers) return;
    await systemClock.sleep(20);
  }
}
