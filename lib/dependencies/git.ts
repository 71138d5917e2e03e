import { spawn } from 'node:child_process';
import type { Clock } from '../clock';
import { AppError } from '../model/errors';

export interface GitOptions {
  clock: Clock;
  /** The control plane's own: Git finds its programs, credential helpers and keys by it. */
  environment: Readonly<Record<string, string | undefined>>;
  /** For one command. */
  limitMs: number;
}

export interface GitAnswer {
  code: number;
  stdout: Buffer;
  /** The last line that says something, for people. */
  problem: string;
}

const inheritedVariables = [
  ...[
    'PATH',
    'HOME',
    'USER',
    'TMPDIR',
    'SSH_AUTH_SOCK',
    'GIT_SSH_COMMAND',
    'SSL_CERT_FILE',
    'XDG_CONFIG_HOME',
  ],
  ...['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'],
];
const maxAnswerBytes = 96 * 1024 * 1024;

/**
 * Runs one Git command to its end; a code other than 0 is an answer. It asks nobody for a password, runs no hooks and
 * speaks one protocol only. Rejects with AppError `dependency_unavailable` when there is no Git, when it takes longer
 * than the limit, or when `tooLarge` says so, and then it is dead.
 */
export async function runGit(
  { clock, environment, limitMs }: GitOptions,
  folder: string,
  words: readonly string[],
  {
    protocol = 'file',
    input = '',
    tooLarge,
  }: { protocol?: string; input?: string; tooLarge?: () => Promise<string | null> } = {},
): Promise<GitAnswer> {
  const env = Object.fromEntries(
    inheritedVariables.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  );
  const child = spawn(/*turbopackIgnore: true*/ 'git', [...safety, ...words], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: what Git starts ends with it.
    detached: true,
    env: {
      ...env,
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ALLOW_PROTOCOL: protocol,
    } as unknown as NodeJS.ProcessEnv,
  });
  const over = new AbortController();
  let refusal: string | null = null;
  const kill = (why: string) => {
    refusal ??= why;
    if (child.pid !== undefined) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
    }
  };
  void clock.sleep(limitMs, over.signal).then(() => {
    if (!over.signal.aborted) kill(`Git took longer than ${limitMs / 1000} s`);
  });
  if (tooLarge) void watchSize(clock, tooLarge, kill, over.signal);

  const chunks: Buffer[] = [];
  let bytes = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) kill('Git answers more than Gantry takes');
    else chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk.toString()}`.slice(-4_000);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? 128));
    });
    if (refusal !== null) throw new AppError('dependency_unavailable', refusal);
    return { code, stdout: Buffer.concat(chunks), problem: lastLine(stderr) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('dependency_unavailable', 'the program git cannot be run here; install it', {
      cause: error,
    });
  } finally {
    over.abort();
  }
}

const safety = [
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'fetch.fsckObjects=true', '-c', 'core.symlinks=false'],
  ...['-c', 'gc.auto=0', '-c', 'http.followRedirects=initial', '-c', 'safe.directory=*'],
];

async function watchSize(
  clock: Clock,
  tooLarge: () => Promise<string | null>,
  kill: (why: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(250, signal);
    if (signal.aborted) return;
    const why = await tooLarge();
    if (why) return kill(why);
  }
}

function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^(fatal|error|remote): /, '').trim());
  return lines.filter((line) => line !== '').at(-1) ?? 'it gave no reason';
}
