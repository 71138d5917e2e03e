import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { describeWith } from '../support/requirements';
import { askFor, processesIn, storedOfCommands, untilGone } from './commands';
import { startAgentProcess, startControlPlane, type TestAgent, type TestControlPlane } from './control-plane';
import { launch, until } from './executions';
import { onDatabase, plainAgent } from './plain-agent';

const secret = 'nobody may see this value';
const suites = {
  busy: `
title: Busy
steps:
  service: { kind: service, run: exec sleep 1000 }
  task: { kind: task, after: service, run: exec sleep 2000 }`,
};

describeWith(['docker'], 'commands in the containers of an agent', () => {
  let plane: TestControlPlane;
  let agent: TestAgent;
  let id = '';
  let service = '';

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    process.env.A_SECRET_OF_COMMANDS = secret;
    plane = await startControlPlane({}, suites);
    const secrets = [{ key: 'KEY', from: 'env:A_SECRET_OF_COMMANDS' }];
    await plane.post('/api/v1/suites/busy/profiles', { name: 'secret', default: true, secrets });
    const { token } = await plane.agentToken();
    agent = startAgentProcess(plane.url, token, { GANTRY_AGENT_CAPACITY: '1' });
    await agent.until('registered');
    // Its one place is taken as long as the test lasts.
    id = await launch(plane, { suiteId: 'busy' });
    await until(plane, id, ({ steps }) =>
      steps.some((step) => step.id === 'task' && step.status === 'running'),
    );
    const { environments } = await plane.server().engine.environments.take();
    const resources = environments.find((each) => each.id === id)?.resources;
    service = resources?.find(({ stepId }) => stepId === 'service')?.name ?? '';
  });
  afterAll(async () => {
    if (id) await plane.server().engine.environments.reap(id, { by: 'test', force: true });
    await agent?.end();
    await plane?.close();
    delete process.env.A_SECRET_OF_COMMANDS;
  });

  const ask = (command: string, resource = service) => askFor(plane, id, resource, command);

  it('print as they run, and tell how they ended; nothing of them stays, and the audit log has them', async () => {
    await ask('mkfifo /tmp/go').over;
    const command = ask('echo first; read go < /tmp/go; echo "and $go"; echo oh >&2; exit 3');
    await command.until(({ printed }) => printed() === 'first\n');
    expect(await storedOfCommands()).toHaveLength(1);
    await ask('echo last > /tmp/go').over;
    const items = await command.over;
    const of = (stream: string) =>
      items.map((item) => (item.type === 'output' && item.stream === stream ? item.text : '')).join('');
    expect([of('stdout'), of('stderr')]).toEqual(['first\nand last\n', 'oh\n']);
    expect(items.at(-1)).toEqual({ type: 'exit', exitCode: 3 });
    expect(await storedOfCommands()).toEqual([]);
    const audit = await (await plane.call(`/api/v1/audit?subject=${id}&action=exec.close`)).json();
    expect(audit.items).toContainEqual(
      expect.objectContaining({ detail: { resource: service, exitCode: 3 }, outcome: 'allowed' }),
    );
  });

  it('show no secret, whole or in parts, and the database has neither it nor the command', async () => {
    const [first, rest] = [secret.slice(0, 9), secret.slice(9)];
    const command = ask(
      `echo "$KEY"; printf '${first}'; sleep 0.3; printf '${rest}'; echo; printf '${secret}' | base64; echo over; sleep 3000`,
    );
    await command.until(({ printed }) => printed().includes('over'));
    expect(command.printed()).toMatch(/^\*\*\*\n\*\*\*\n\S*\*\*\*\S*\nover\n$/);
    const stored = (await storedOfCommands()).join('\n');
    expect(stored).toContain('over');
    for (const part of [secret, first, rest, 'sleep 3000']) expect(stored).not.toContain(part);
    command.leave();
    await untilGone(service, 'sleep 3000');
  });

  it('are killed in the container soon after whoever asked has left', async () => {
    const command = ask('echo up; sleep 4321 & sleep 5432');
    await command.until(({ printed }) => printed() === 'up\n');
    expect((await processesIn(service)).join('\n')).toContain('sleep 5432');
    command.leave();
    await untilGone(service, 'sleep 5432');
    await untilGone(service, 'sleep 4321');
    while ((await storedOfCommands()).length > 0);
  });

  it('are killed when they print more than anybody reads', async () => {
    const items = await ask('yes "a line that comes again and again"').over;
    expect(items.slice(-2)).toEqual([{ type: 'cut' }, { type: 'exit', exitCode: null }]);
    await untilGone(service, 'yes');
    expect(await storedOfCommands()).toEqual([]);
  });

  it('run four at the same time on one agent, and a fifth is refused', async () => {
    const four = [1, 2, 3, 4].map((number) => ask(`echo up; read go < /tmp/go; echo ${number}`));
    for (const command of four) await command.until(({ printed }) => printed() === 'up\n');
    expect(await ask('echo fifth').over).toEqual([
      { type: 'error', code: 'conflict', detail: expect.stringContaining('runs 4 commands') },
    ]);
    for (const command of four) command.leave();
    await untilGone(service, 'read go');
    const free = async () => (await ask('echo free').over).some(({ type }) => type === 'exit');
    while (!(await free()));
  });

  it('are refused in what does not run, and in what is not there', async () => {
    expect(await ask('id', 'no-such-container').over).toMatchObject([{ type: 'error', code: 'not_found' }]);
    const stranger = askFor(plane, 'no-such-execution', service, 'id');
    expect(await stranger.over).toMatchObject([{ type: 'error', code: 'not_found' }]);
  });

  it('are refused at once on an agent that is too old, a plain client or offline', async () => {
    const refused = async () => (await ask('id').over)[0];
    await onDatabase((sql) => sql`update agents set version = '0.2.0'`);
    expect(await refused()).toMatchObject({
      code: 'conflict',
      detail:
        'Agent tester is of version 0.2.0, and runs commands in containers since 0.3: fetch the agent anew.',
    });
    await onDatabase((sql) => sql`update agents set version = '0.3.0'`);
    const plain = await plainAgent(plane, 'plain');
    await plain.claim();
    const belongsTo = (name: string) =>
      onDatabase((sql) => sql`update agent_environments set agent_id = ${name} where execution_id = ${id}`);
    await belongsTo('plain');
    expect(await refused()).toMatchObject({
      code: 'conflict',
      detail: 'Agent plain is a plain client, which runs no commands in containers.',
    });
    const gone = { agentId: 'gone', instance: 'instance-1', tags: [], capacity: 1, version: '0.3.0' };
    await plane.post('/api/v1/agents/register', gone, plain.token);
    await onDatabase(
      (sql) => sql`update agents set last_seen_at = now() - interval '1 hour' where id = 'gone'`,
    );
    await belongsTo('gone');
    expect(await refused()).toMatchObject({
      code: 'backend_unavailable',
      detail: 'Agent gone is offline: no command can be run on it.',
    });
    await belongsTo('tester');
    expect(await storedOfCommands()).toEqual([]);
  });
});
