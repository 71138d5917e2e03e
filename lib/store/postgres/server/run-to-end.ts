import { spawn } from 'node:child_process';
import { otherDatabase } from './binaries';
import type { RunAs } from './run-as';

/**
 * What a program of PostgreSQL gets; on Windows it cannot start without the system's own. Next's types demand
 * NODE_ENV in every environment.
 */
export const programEnv =
  process.platform === 'win32'
    ? undefined
    : ({ LC_ALL: 'C', PATH: '/usr/bin:/bin', NODE_ENV: 'production' } as const);

/** Rejects with the program's own words unless it ends with 0. */
export function runToEnd(
  program: string,
  options: string[],
  user: RunAs | null,
): Promise<{ stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, {
      ...(user ?? {}),
      cwd: '/',
      env: programEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => reject(cannotRun(program, error.message)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ stdout });
      else reject(cannotRun(program, `${(stderr || stdout).trim()} (${signal ?? `exit code ${code}`})`));
    });
  });
}

/** ENOENT although the file is there is what a C library other than glibc (musl) answers. */
export function cannotRun(program: string, reason: string): Error {
  return new Error(
    `the PostgreSQL that comes with Gantry does not run here: ${program}: ${reason}. It needs Linux with glibc, macOS or Windows, and a user that the system knows. ${otherDatabase}`,
  );
}
