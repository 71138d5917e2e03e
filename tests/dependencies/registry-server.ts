import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { freePort } from '@/lib/store/postgres/server/free-port';
import { makeRoot } from '../suites/suite-folder';

/** Debian's docker-registry on a free port, with an empty store of the test's own. */
export async function startRegistry(): Promise<{ host: string; store: string; stop(): Promise<void> }> {
  const folder = makeRoot();
  const store = path.join(folder, 'store');
  const host = `127.0.0.1:${await freePort()}`;
  const config = path.join(folder, 'config.yml');
  writeFileSync(
    config,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${store} } }\nhttp: { addr: "${host}" }\n`,
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
      ({ ok }) => ok,
      () => false,
    ))
  )
    await sleep(20);
  return { host, store, stop };
}
