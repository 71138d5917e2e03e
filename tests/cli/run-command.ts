import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningCommand {
  process: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves when it has printed this, and rejects when it ends without. */
  untilPrinted(text: string): Promise<void>;
}

/** A command of this checkout, with only the settings that are given. */
export function startCommand(
  file: string,
  words: string[],
  env: Record<string, string> = {},
): RunningCommand {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(GANTRY_(?!TEST_)|DATABASE_URL|PORT$|NODE_ENV)/.test(name),
  );
  // Next declares NODE_ENV as a part of every env; here it is left to the command.
  const ownEnv = Object.fromEntries(inherited) as NodeJS.ProcessEnv;
  const child = spawn(process.execPath, [`${root}/${file}`, ...words], {
    env: { ...ownEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    for (const watcher of watchers) watcher();
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    process: child,
    ended,
    untilPrinted: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!stdout.includes(text)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        void ended.then(({ code }) =>
          reject(new Error(`ended with ${code} before ${text}:\n${stdout}\n${stderr}`)),
        );
      }),
  };
}

export function runCommand(file: string, words: string[], env: Record<string, string> = {}): Promise<Ended> {
  return startCommand(file, words, env).ended;
}
