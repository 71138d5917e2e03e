import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../model/errors';

/** Control planes by name, each with the token for it. */
export interface Contexts {
  /** The one that commands use when nothing else is said. */
  current: string | null;
  contexts: Record<string, { url: string; token: string | null }>;
}

/** Where contexts are kept: `GANTRY_CONTEXTS`, else below the folder for settings of the user. */
export function contextsFileOf(env: Record<string, string | undefined>): string {
  if (env.GANTRY_CONTEXTS) return path.resolve(env.GANTRY_CONTEXTS);
  const settings = env.XDG_CONFIG_HOME || path.join(env.HOME || env.USERPROFILE || '.', '.config');
  return path.join(settings, 'gantry', 'contexts.json');
}

/** None when the file is not there. */
export async function readContexts(file: string): Promise<Contexts> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new Error(`The contexts in ${file} cannot be read: ${messageOf(error)}.`, { cause: error });
  });
  if (text === null) return { current: null, contexts: {} };
  try {
    return parseContexts(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file} is not valid: ${messageOf(error)}. Correct it, or remove it.`, { cause: error });
  }
}

function parseContexts(value: { current?: unknown; contexts?: unknown }): Contexts {
  const contexts: Contexts['contexts'] = {};
  for (const [name, each] of Object.entries(Object(value.contexts))) {
    const { url, token }: { url?: unknown; token?: unknown } = Object(each);
    if (typeof url !== 'string') throw new Error(`contexts.${name}.url: expected an address`);
    contexts[name] = { url, token: typeof token === 'string' ? token : null };
  }
  return { current: typeof value.current === 'string' ? value.current : null, contexts };
}

/** Writes the file whole or not at all, readable by its owner alone. */
export async function writeContexts(file: string, contexts: Contexts): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  await writeFile(next, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 });
  // A file that was there before keeps its mode when it is written to.
  await chmod(next, 0o600);
  await rename(next, file);
}
