import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the Docker command line in the checkout, without BuildKit, and answers what it printed. Throws when it fails. */
export function docker(...words: string[]): string {
  return execFileSync('docker', words, {
    cwd: root,
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** The same for the end of a check, where what is to be removed may not be there: a failure is only printed. */
export function dockerIfPossible(...words: string[]): void {
  try {
    docker(...words);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
}
