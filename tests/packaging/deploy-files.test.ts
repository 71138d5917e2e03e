import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '@/lib/config';
import { settingSections } from '@/lib/settings';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const files = [
  'compose.yaml',
  'Dockerfile',
  'deploy/kubernetes.yaml',
  'deploy/gantry.service',
  'deploy/chart/values.yaml',
  ...readdirSync(path.join(root, 'deploy/chart/templates')).map((file) => `deploy/chart/templates/${file}`),
];
/** What `docker compose` and the build read, not Gantry. */
const ofOthers = new Set(['GANTRY_IMAGE', 'GANTRY_ADDRESS', 'GANTRY_PORT', 'GANTRY_STANDALONE']);

it.each(files)('names only settings that there are: %s', (file) => {
  const known = new Set(Object.values(settingSections).flatMap((section) => Object.keys(section)));
  const named = read(file).match(/\bGANTRY_[A-Z_]+|DATABASE_URL|REDIS_URL/g) ?? [];
  expect(named.filter((name) => !known.has(name) && !ofOthers.has(name))).toEqual([]);
});

it('compose.yaml gives Gantry settings that it starts with, and hardens its container', () => {
  const { services } = parse(read('compose.yaml'));
  // The values of a person who has set what must be set, and nothing else.
  const given: Record<string, string> = {
    POSTGRES_PASSWORD: 'p4ssw0rd',
    GANTRY_BOOTSTRAP_TOKEN: 'a-token-of-16-chars',
  };
  const filled = (text: string) =>
    text.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_, name: string, kind: string, other: string) => {
      const value = given[name] ?? (kind === '-' ? other : undefined);
      if (value === undefined) throw new Error(`${name} must be set`);
      return value;
    });
  const { environment, read_only, cap_drop, security_opt, ports, volumes, depends_on } = services.gantry;
  const env = Object.fromEntries(
    Object.entries<string>(environment).map(([name, value]) => [name, filled(value)]),
  );
  const config = loadConfig(env, '/opt/gantry');
  expect(new URL(config.databaseUrl ?? '').hostname in services).toBe(true);
  expect(new URL(config.redisUrl ?? '').hostname in services).toBe(true);
  expect(new URL(config.databaseUrl ?? '').password).toBe(given.POSTGRES_PASSWORD);
  const { POSTGRES_USER, POSTGRES_DB } = services.postgres.environment;
  expect(config.databaseUrl).toMatch(new RegExp(`//${POSTGRES_USER}:.*/${POSTGRES_DB}$`));
  expect(Object.keys(depends_on).sort()).toEqual(['postgres', 'redis']);
  expect({ read_only, cap_drop, security_opt }).toEqual({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  });
  // Nobody else's machine reaches it before its owner says so.
  expect(ports.map(filled)).toEqual(['127.0.0.1:3000:3000']);
  const mounted = volumes.map((volume: string) => filled(volume).split(':'));
  expect(mounted).toContainEqual(['./suites', config.suiteRoots[0], 'ro']);
  delete given.POSTGRES_PASSWORD;
  expect(() => filled(environment.DATABASE_URL)).toThrow('POSTGRES_PASSWORD must be set');
});
