import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { Redis } from 'ioredis';
import { describe, it } from 'vitest';
import { enginesFolder } from '../engines/folders';
import { missingPrograms } from './debian-image';
import { officialImages } from './official-images';

export type RequirementName = (typeof names)[number];
/** `isExtra`: nobody is expected to have it, so that `all` does not ask for it. */
export type Probe = { ok: boolean; reason: string; isExtra?: boolean };

/** The browser of this machine; playwright's own is never downloaded. */
export const chromiumPath = process.env.GANTRY_TEST_CHROMIUM ?? '/usr/bin/chromium';
export const redisUrl = process.env.GANTRY_TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

/** What answers at DOCKER_HOST, or the local socket. */
export let engineName: 'Docker' | 'Podman' = 'Docker';

// A busy machine takes seconds to load a client.
const limitMs = 20_000;
const names = [
  'docker',
  'redis',
  'chromium',
  'kubernetes',
  'git',
  'docker-registry',
  'engines',
  'servers',
] as const;
const probes = {
  docker,
  redis,
  chromium,
  kubernetes,
  git: () => program('git'),
  'docker-registry': () => program('docker-registry'),
  engines,
  servers,
};
const known = new Map<RequirementName, Promise<Probe>>();

/** Whether something that not every machine has is here; asked once per test file. */
export function requirement(name: RequirementName): Promise<Probe> {
  const asked = known.get(name) ?? within(probes[name]());
  known.set(name, asked);
  return asked;
}

// Asked for before any describe is collected, so that describeWith needs no await.
const answers = new Map(
  await Promise.all(names.map(async (name) => [name, await requirement(name)] as const)),
);

/**
 * vitest's describe for tests that need what not every machine has. Where it is missing they are skipped with the
 * reason in the title, or fail when GANTRY_TEST_REQUIRE is `all` or lists one of the missing names.
 */
export function describeWith(
  needed: RequirementName | RequirementName[],
  title: string,
  body: () => void,
): void {
  const missing = [needed].flat().filter((name) => !answers.get(name)?.ok);
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const reason = missing.map((name) => answers.get(name)?.reason).join('; ');
  if (!missing.some(isDemanded)) {
    describe.skip(`${title} [skipped: ${reason}]`, body);
    return;
  }
  describe(title, () => {
    it(`has ${missing.join(' and ')}`, () => {
      throw new Error(`GANTRY_TEST_REQUIRE asks for ${missing.join(' and ')}, but ${reason}`);
    });
  });
}

function isDemanded(name: RequirementName): boolean {
  const demanded = (process.env.GANTRY_TEST_REQUIRE ?? '').split(',').map((word) => word.trim());
  return demanded.includes(name) || (demanded.includes('all') && !answers.get(name)?.isExtra);
}

async function docker(): Promise<Probe> {
  try {
    const { Components: parts = [] }: { Components?: { Name: string }[] } = await new Docker({
      timeout: limitMs,
    }).version();
    if (parts.some(({ Name }) => Name === 'Podman Engine')) engineName = 'Podman';
    return { ok: true, reason: `${engineName} answers` };
  } catch (error) {
    return { ok: false, reason: `Docker does not answer (${messageOf(error)})` };
  }
}

/** The programs that tests make images of. */
async function servers(): Promise<Probe> {
  const missing = officialImages.flatMap(missingPrograms);
  return {
    ok: missing.length === 0,
    reason: missing.length === 0 ? 'the servers are here' : `there is no ${missing.join(', ')} for an image`,
  };
}

async function redis(): Promise<Probe> {
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 1,
    connectTimeout: limitMs,
  });
  let lastError: unknown = null;
  client.on('error', (error) => {
    lastError = error;
  });
  try {
    await client.connect();
    await client.ping();
    return { ok: true, reason: 'Redis answers' };
  } catch (error) {
    return { ok: false, reason: `Redis does not answer at ${redisUrl} (${messageOf(lastError ?? error)})` };
  } finally {
    client.disconnect();
  }
}

async function chromium(): Promise<Probe> {
  return existsSync(chromiumPath)
    ? { ok: true, reason: `Chromium is ${chromiumPath}` }
    : { ok: false, reason: `there is no Chromium at ${chromiumPath}` };
}

/** By a bare connection: a client would cost every test file a second. */
async function kubernetes(): Promise<Probe> {
  const file = process.env.KUBECONFIG ?? path.join(homedir(), '.kube', 'config');
  if (!existsSync(file)) return { ok: false, reason: `there is no kubeconfig at ${file}` };
  const [, server = ''] = /server: *"?(https?:[^\s",}]+)/.exec(readFileSync(file, 'utf8')) ?? [];
  if (!URL.canParse(server)) return { ok: false, reason: `the kubeconfig ${file} names no server` };
  const { hostname, port } = new URL(server);
  const socket = connect({ host: hostname, port: Number(port || 443) });
  try {
    await once(socket, 'connect');
    return { ok: true, reason: 'Kubernetes answers' };
  } catch (error) {
    return { ok: false, reason: `Kubernetes does not answer at ${server} (${messageOf(error)})` };
  } finally {
    socket.destroy();
  }
}

/** Other container engines, which a program beside the checkout starts. */
async function engines(): Promise<Probe> {
  const file = path.join(enginesFolder, 'engines');
  if (!existsSync(file)) return { ok: false, reason: `there is no program ${file}`, isExtra: true };
  if (process.getuid?.() !== 0) return { ok: false, reason: `${file} needs root` };
  const needed = await Promise.all(['unshare', 'nsenter', 'curl', 'python3'].map(program));
  return needed.find(({ ok }) => !ok) ?? { ok: true, reason: `there is ${file}` };
}

/** On the PATH. */
async function program(name: string): Promise<Probe> {
  const isThere = (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((folder) => existsSync(path.join(folder, name)));
  return { ok: isThere, reason: isThere ? `there is ${name}` : `the program ${name} is not installed` };
}

function within(probe: Promise<Probe>): Promise<Probe> {
  let timer: NodeJS.Timeout;
  const silent = new Promise<Probe>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: `no answer within ${limitMs / 1000} s` }), limitMs);
  });
  return Promise.race([probe, silent]).finally(() => clearTimeout(timer));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
