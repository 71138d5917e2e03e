import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { freePort } from '@/lib/store/postgres/server/free-port';
import { makeRoot } from '../suites/suite-folder';

/** Lets in `ada` with the password `test-password`. */
const htpasswd = 'ada:$2b$05$Y9mxgqzuj8iLxPaoo.B4Je30f0IiyYkD.zVEBB/iV24sadjBIAh2C\n';
/** What a client sends for it. */
export const registryLogin = Buffer.from('ada:test-password').toString('base64');

/** Debian's docker-registry on a free port, with an empty store of the test's own. */
export async function startRegistry({
  asksForPassword = false,
} = {}): Promise<{ host: string; store: string; stop(): Promise<void> }> {
  const folder = makeRoot();
  const store = path.join(folder, 'store');
  const host = `127.0.0.1:${await freePort()}`;
  const config = path.join(folder, 'config.yml');
  const users = path.join(folder, 'htpasswd');
  writeFileSync(users, htpasswd);
  const auth = asksForPassword ? `auth: { htpasswd: { realm: test, path: ${users} } }\n` : '';
  writeFileSync(
    config,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${store} } }\nhttp: { addr: "${host}" }\n${auth}`,
  );
  const registry = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const ended = once(registry, 'exit');
  const stop = async () => {
    registry.kill('SIGKILL');
    await ended;
  };
  onTestFinished(stop);
  while (
    !(await fetch(`http://${host}/v2/`).then(
      ({ ok, status }) => ok || status === 401,
      () => false,
    ))
  )
    await sleep(20);
  return { host, store, stop };
}

/**
 * The environment of somebody whose Docker has this `config.json`, with a credential helper called `safe` that has the
 * login for the host.
 */
export function storedLogin(config: object, host: string): Record<string, string> {
  const folder = makeRoot();
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
  const helper = path.join(folder, 'bin', 'docker-credential-safe');
  mkdirSync(path.dirname(helper));
  writeFileSync(
    helper,
    '#!/bin/sh\nread server\n[ "$server" = "$KNOWN" ] || { echo "credentials not found in native keychain"; exit 1; }\necho \'{"Username":"ada","Secret":"test-password"}\'\n',
  );
  chmodSync(helper, 0o755);
  return { DOCKER_CONFIG: folder, PATH: `${path.dirname(helper)}:${process.env.PATH}`, KNOWN: host };
}
