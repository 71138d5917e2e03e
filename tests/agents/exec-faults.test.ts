import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildToolbox } from '@/lib/cli/toolbox';
import { openBreakableProxy } from '../support/breakable-proxy';
import { describeWith } from '../support/requirements';
import { askFor, processesIn, storedOfCommands, untilGone } from './commands';
import type { TestAgent } from './control-plane';
import { type Counting, openCounting } from './counting';
import { ended, launch } from './executions';

describeWith(['docker'], 'a command whose agent or control plane is gone', () => {
  let counting: Counting;
  let agent: TestAgent;
  let id = '';
  let service = '';

  beforeAll(async () => {
    await buildToolbox({ log: () => {} });
    counting = await openCounting({ leaseSeconds: 10 });
    agent = await counting.agent();
    id = await launch(counting.plane, { suiteId: 'talkative', keep: 'always' });
    expect(await ended(counting.plane, id)).toMatchObject({ status: 'passed' });
    const { environments } = await counting.plane.server().engine.environments.take();
    const resources = environments.find((each) => each.id === id)?.resources;
    service = resources?.find(({ stepId }) => stepId === 'service')?.name ?? '';
  });
  afterAll(async () => {
    if (id) await counting.plane.server().engine.environments.reap(id, { by: 'test', force: true });
    await counting?.endAgents();
    await counting?.close();
  });

  const ask = (command: string) => askFor(counting.plane, id, service, command);

  /** Once it runs; each time that it does there is one more line in the file. */
  async function running(file: string, seconds: number) {
    const command = ask(`echo ran >> /tmp/${file}; echo up; sleep ${seconds}`);
    await command.until(({ printed }) => printed() === 'up\n');
    return command;
  }

  /** How often it has run, asked of the agent that is there now. */
  async function runs(file: string): Promise<number> {
    for (;;) {
      const command = ask(`cat /tmp/${file}`);
      const items = await command.over;
      if (items.at(-1)?.type === 'exit') return command.printed().split('\n').length - 1;
    }
  }

  it('ends with an agent that is killed, and is not run again by the one that comes back', async () => {
    const command = await running('killed', 1111);
    const beganMs = performance.now();
    await agent.end('SIGKILL');
    expect((await command.over).at(-1)).toEqual({
      type: 'error',
      code: 'backend_failed',
      detail: 'agent lost: agent tester was not heard of in time. The command is not run again.',
    });
    expect(performance.now() - beganMs).toBeLessThan(60_000);
    await untilGone(service, 'sleep 1111');
    agent = await counting.agent();
    expect(await runs('killed')).toBe(1);
    expect(await storedOfCommands()).toEqual([]);
  });

  it('is told of at once when its agent was started anew, and is not run again', async () => {
    const command = await running('anew', 2222);
    await agent.end('SIGKILL');
    agent = await counting.agent();
    expect((await command.over).at(-1)).toEqual({
      type: 'error',
      code: 'backend_failed',
      detail:
        'agent lost: agent tester was started anew while the command ran. The command is not run again.',
    });
    expect(await runs('anew')).toBe(1);
    await untilGone(service, 'sleep 2222');
    expect(await storedOfCommands()).toEqual([]);
  });

  it('is ended by an agent that is told to end at once, which says so', async () => {
    const command = await running('told', 3333);
    agent.process.kill('SIGTERM');
    await agent.until('draining');
    await agent.end('SIGTERM');
    expect(await processesIn(service)).not.toContainEqual(expect.stringContaining('sleep 3333'));
    expect((await command.over).at(-1)).toEqual({
      type: 'error',
      code: 'backend_failed',
      detail: 'The agent was stopped while the command ran, and ended it.',
    });
    agent = await counting.agent();
    expect(await runs('told')).toBe(1);
  });

  it('is ended by an agent that cannot reach its control plane any more', async () => {
    await agent.end();
    const proxy = await openBreakableProxy(counting.plane.url);
    agent = await counting.agent({}, proxy.url);
    const command = await running('cut', 4444);
    await proxy.breakOff();
    expect((await command.over).at(-1)).toMatchObject({ type: 'error', code: 'backend_failed' });
    await untilGone(service, 'sleep 4444');
    await proxy.mend();
    expect(await runs('cut')).toBe(1);
    expect(await storedOfCommands()).toEqual([]);
    await agent.end();
    await proxy.close();
    agent = await counting.agent();
  });

  it('is ended, and nothing of it stays, when nobody attends to it any more', async () => {
    const { jobs } = counting.plane.server().store;
    const order = { kind: 'exec', executionId: id, resource: service, command: 'sleep 5555' } as const;
    await jobs.submitControl('tester', order, 3_000);
    while (!(await processesIn(service)).some((line) => line.includes('sleep 5555')));
    expect(await storedOfCommands()).toHaveLength(1);
    await untilGone(service, 'sleep 5555');
    while ((await storedOfCommands()).length > 0);
  });

  it('goes with the control plane that was asked for it, when that is stopped', async () => {
    const command = await running('stopped', 6666);
    // Its connection breaks off.
    const over = command.over.catch(() => null);
    await counting.plane.stop();
    await over;
    await counting.plane.start();
    await untilGone(service, 'sleep 6666');
    while ((await storedOfCommands()).length > 0);
    expect(await runs('stopped')).toBe(1);
  });
});
