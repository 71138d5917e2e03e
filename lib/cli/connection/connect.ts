import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ApiClient, createApiClient } from '../../client/api-client';
import { ControlPlaneUnreachable } from '../../client/api-errors';
import { type Contexts, readContexts } from './contexts';

export interface ConnectionOptions {
  url?: string | undefined;
  token?: string | undefined;
  context?: string | undefined;
  dataFolder: string;
  contextsFile: string;
}

/** An address with its token; no token where the address is not the one that it belongs to. */
export interface Target {
  url: string;
  token: string | null;
}

export async function connect(options: ConnectionOptions): Promise<ApiClient> {
  const target = await findTarget(options);
  if (target.token === null)
    throw new ControlPlaneUnreachable(
      `There is no token for ${target.url}. Set GANTRY_TOKEN, or add a context: gantry context add.`,
    );
  return createApiClient(target);
}

/**
 * Finds the control plane: what was given, else the chosen context, else the one of this machine's data folder. A token
 * that belongs to one address is never sent to another one.
 */
export async function findTarget(options: ConnectionOptions): Promise<Target> {
  const { url, token, dataFolder } = options;
  const contexts = await readContexts(options.contextsFile);
  const named = contextOf(contexts, options);
  if (named) return { url: url ?? named.url, token: token ?? (isSame(url, named.url) ? named.token : null) };
  const local = await localUrl(dataFolder);
  const found = url ?? local;
  if (!found)
    throw new ControlPlaneUnreachable(
      `No control plane has been started with the data folder ${dataFolder}. Start one (npm start), or set GANTRY_URL or --url.`,
    );
  const isLocal = local !== null && isSame(url, local);
  return { url: found, token: token ?? (isLocal ? await localToken(dataFolder) : null) };
}

function contextOf(contexts: Contexts, { url, context }: ConnectionOptions): Target | null {
  if (context !== undefined) {
    const named = contexts.contexts[context];
    const known = Object.keys(contexts.contexts).join(', ') || 'none';
    if (!named) throw new Error(`There is no context ${context}. There are: ${known}.`);
    return named;
  }
  if (url !== undefined)
    return Object.values(contexts.contexts).find((each) => isSame(url, each.url)) ?? null;
  return contexts.current === null ? null : (contexts.contexts[contexts.current] ?? null);
}

function isSame(given: string | undefined, url: string): boolean {
  return given === undefined || given.replace(/\/+$/, '') === url.replace(/\/+$/, '');
}

async function localUrl(dataFolder: string): Promise<string | null> {
  const text = await readFile(path.join(dataFolder, 'server.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  const { url }: { url: string } = JSON.parse(text);
  return url;
}

async function localToken(dataFolder: string): Promise<string | null> {
  const text = await readFile(path.join(dataFolder, 'admin-token'), 'utf8').catch(() => null);
  return text?.trim() ?? null;
}
