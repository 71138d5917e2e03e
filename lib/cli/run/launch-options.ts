import { readFileSync } from 'node:fs';
import type { LaunchRequest } from '../../model/launch';
import { parseDuration } from '../../suites/file/schema/quantities';

/** The options of `run` that go into the launch. */
export interface LaunchOptions {
  profile?: string;
  backend?: string;
  env?: string[];
  label?: string[];
  var?: string[];
  image?: string[];
  secret?: string[];
  only?: string[];
  keep?: string;
  /** Minutes. */
  keepFor?: number;
}

/** Throws when an option is not as it should be. `env` has what `--secret KEY=env:NAME` names. */
export function launchRequestOf(
  suiteId: string,
  options: LaunchOptions,
  env: Readonly<Record<string, string | undefined>> = {},
): LaunchRequest {
  const { profile, backend } = options;
  return {
    suiteId,
    ...(profile ? { profile } : {}),
    ...(backend ? { backend } : {}),
    env: pairs(options.env),
    ...(options.var ? { vars: pairs(options.var) } : {}),
    ...(options.image ? { images: pairs(options.image) } : {}),
    ...(options.secret ? { secrets: readSecrets(options.secret, env) } : {}),
    ...(options.only ? { onlySteps: options.only } : {}),
    labels: pairs(options.label),
    ...keepOf(options),
  };
}

/** `--keep 30m` keeps the environment whatever the result is; `on_failure` and `always` take `--keep-for` minutes. */
function keepOf({ keep, keepFor }: LaunchOptions): Pick<LaunchRequest, 'keep' | 'keepForMs'> {
  if (keep === undefined) {
    if (keepFor !== undefined) throw new Error('--keep-for needs --keep on_failure or --keep always.');
    return {};
  }
  const forMs = keepFor === undefined ? {} : { keepForMs: keepFor * 60_000 };
  if (keep === 'on_failure' || keep === 'always') return { keep, ...forMs };
  if (keepFor !== undefined) throw new Error(`--keep ${keep} says how long already; leave out --keep-for.`);
  return {
    keep: 'always',
    keepForMs: durationOf('--keep', keep, 'on_failure, always, or a duration such as 30m'),
  };
}

/** Reads a duration; throws with the name of the option. */
export function durationOf(option: string, text: string, expected = 'a duration such as 90s or 30m'): number {
  const ms = parseDuration(text);
  if (ms === null || ms <= 0) throw new Error(`${option}: expected ${expected}, found ${text}.`);
  return ms;
}

function pairs(given: string[] = []): Record<string, string> {
  return Object.fromEntries(
    given.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new Error(`Expected KEY=VALUE, found ${pair}.`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

/**
 * Reads the values of `KEY=env:NAME` and `KEY=file:PATH` on the caller's own machine. A value itself is refused: it would
 * be in the list of processes and in the history of the shell. Throws when one cannot be had.
 */
export function readSecrets(
  given: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    given.map((pair) => {
      const [, key = '', kind, place = ''] = /^([^=]+)=(env|file):(.+)$/s.exec(pair) ?? [];
      if (kind === undefined) {
        const shown = /^[^=]{1,200}/.exec(pair)?.[0] ?? 'KEY';
        throw new Error(
          `--secret: expected ${shown}=env:NAME or ${shown}=file:PATH. A value itself would be in the list of processes.`,
        );
      }
      return [key, kind === 'env' ? fromEnv(key, place, env) : fromFile(key, place)];
    }),
  );
}

function fromEnv(key: string, name: string, env: Readonly<Record<string, string | undefined>>): string {
  const value = env[name];
  if (value) return value;
  throw new Error(`--secret ${key}: the environment of this command has no ${name}.`);
}

function fromFile(key: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new Error(`--secret ${key}: ${file} cannot be read.`, { cause: error });
  }
}
