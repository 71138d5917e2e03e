import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import type { EnvironmentRecord } from '@/lib/model/environment';
import { type ControlPlane, makeControlPlane, token } from '../chaos/control-plane';
import { pause } from '../chaos/faults';
import { openTestDatabase } from '../support/database';
import { describeWith } from '../support/requirements';
import { startLimitMs } from '../support/server';
import { askFor, untilGone } from './commands';
import { startAgentProcess, type TestAgent } from './control-plane';

describeWith(['docker'], 'a command whose control plane is killed', () => {
  const closing: (() => unknown)[] = [];
  let plane: ControlPlane;
  let agent: TestAgent;
  let databaseUrl = '';
  let id = '';
  let service = '';

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    const database = await openTestDatabase();
    databaseUrl = database.url;
    closing.push(() => database.drop());
    // The service that the commands run in outlives the time that a loaded machine takes to start the control plane.
    plane = await makeControlPlane('exec', { DATABASE_URL: databaseUrl, GANTRY_AGENT_LEASE_SECONDS: '240' });
    closing.push(() => plane.close());
    await plane.start();
    const made = await plane.api.post('/api/v1/agents/tokens', { name: 'test' });
    agent = startAgentProcess(plane.api.url, made.token);
    closing.push(() => agent.end());
    await agent.until('registered');
    const request = { suiteId: 'hello', backend: 'remote-agent', keep: 'always' };
    ({ id } = await plane.api.post('/api/v1/executions', request));
    closing.push(() => plane.api.post(`/api/v1/sandboxes/${id}/reap`, { force: true }));
    while (service === '') {
      const record: EnvironmentRecord = await plane.api.get(`/api/v1/sandboxes/${id}`);
      const isKept = record.environment?.state === 'kept';
      const found = record.environment?.resources.find(({ stepId }) => stepId === 'greeter');
      if (isKept && found) service = found.name;
      else await pause(200);
    }
  }, startLimitMs);
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  const ask = (command: string) =>
    askFor(
      {
        call: (path, init) =>
          fetch(plane.api.url + path, {
            ...init,
            headers: { authorization: `Bearer ${token}`, ...init?.headers },
          }),
      },
      id,
      service,
      command,
    );

  async function stored(): Promise<string[]> {
    const sql = postgres(databaseUrl, { max: 1 });
    try {
      const rows = await sql<
        { text: string }[]
      >`select j::text as text from agent_jobs j where kind = 'exec'`;
      return rows.map(({ text }) => text);
    } finally {
      await sql.end();
    }
  }

  it('is ended by its agent, and nothing of it is there when the control plane is back', async () => {
    const command = ask('echo ran >> /tmp/crashed; echo up; sleep 8765');
    await command.until(({ printed }) => printed() === 'up\n');
    const over = command.over.catch(() => 'cut off');
    await plane.kill();
    expect(await over).toBe('cut off');
    const goneMs = await untilGone(service, 'sleep 8765');
    expect(goneMs).toBeLessThan(60_000);
    expect(await stored()).toHaveLength(1);
    expect((await stored()).join()).not.toContain('crashed');
    await plane.start();
    while ((await stored()).length > 0) await pause(100);
    const again = ask('cat /tmp/crashed');
    await again.over;
    expect(again.printed()).toBe('ran\n');
  });

  it('is ended soon after whoever asked for it has left the real server', async () => {
    const command = ask('echo up; sleep 7654');
    await command.until(({ printed }) => printed() === 'up\n');
    command.leave();
    await untilGone(service, 'sleep 7654');
    while ((await stored()).length > 0) await pause(100);
  });
});
