import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeThreadBundles } from '../../lib/threads/bundle.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Tests start threads by the hundred and agents by the dozen, which otherwise compile their sources each. */
export default async function setup(): Promise<(() => void) | undefined> {
  await makeThreadBundles(root);
  // Another project has made it.
  if (process.env.GANTRY_TEST_AGENT) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'gantry-test-agent-'));
  const agent = path.join(folder, 'gantry-agent.mjs');
  const { status, stderr } = spawnSync(process.execPath, ['lib/agent/bundle.mjs', agent], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the agent could not be bundled:\n${stderr}`);
  process.env.GANTRY_TEST_AGENT = agent;
  return () => {
    delete process.env.GANTRY_TEST_AGENT;
    rmSync(folder, { recursive: true, force: true });
  };
}
