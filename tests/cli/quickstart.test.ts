import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { buildOnce } from '../support/build';
import { startLimitMs } from '../support/server';
import { runCommand } from './run-command';

const root = fileURLToPath(new URL('../..', import.meta.url));
const timeOf = (file: string) => statSync(path.join(root, file)).mtimeMs;
/** The quickstart would install the packages anew, under the tests that run. `npm test` installs them first. */
const isStale = timeOf('node_modules/.package-lock.json') < timeOf('package-lock.json');

beforeAll(() => buildOnce(root), startLimitMs);

const reason = isStale ? ' [skipped: the packages are older than package-lock.json]' : '';

it.skipIf(isStale)(
  `quickstart without Docker says so, runs hello as processes, and leaves nothing running${reason}`,
  {
    timeout: 300_000,
  },
  async () => {
    const data = await mkdtemp(path.join(tmpdir(), 'gantry-quickstart-'));
    onTestFinished(() => rm(data, { recursive: true, force: true }));
    const { code, stdout, stderr } = await runCommand('lib/cli/quickstart.mjs', ['--exit'], {
      GANTRY_DATA: data,
      PORT: '0',
      // Nobody listens there: as on a machine whose Docker is stopped.
      DOCKER_HOST: 'tcp://127.0.0.1:1',
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain('Docker is not reachable: the example runs as plain processes of this machine');
    expect(stdout).toMatch(
      /Steps run as processes of this machine, without isolation or limits \(.*Docker.*\)\./,
    );
    expect(stdout).toMatch(/\npassed in [\d.]+ m?s\n/);
    const [, url = ''] = /Gantry is ready at (\S+)/.exec(stdout) ?? [];
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  },
);
