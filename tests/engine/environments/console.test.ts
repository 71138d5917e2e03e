import { afterEach, expect, it } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import { makePlan } from '../../support/plan';
import { openWorld, type World } from '../world';

let world: World;
afterEach(() => world.close());

it('a command that cannot be recorded is not run', async () => {
  world = await openWorld({ script: { a: { runsMs: 'forever' } } });
  const commands: string[] = [];
  const backend: Backend = {
    ...world.backend,
    async exec(_id, _resource, command) {
      commands.push(command);
      return { exitCode: 0 };
    },
  };
  const engine = world.startEngine({ backend });
  const id = await world.submit(makePlan({ nodes: [{ id: 'a' }] }));
  await world.until(id, ({ steps }) => steps[0]?.status === 'running');
  const exec = (command: string, open: () => Promise<void>) =>
    engine.environments.exec(
      id,
      { resource: 'any', command, open },
      () => undefined,
      new AbortController().signal,
    );
  const unwritten = () => Promise.reject(new Error('the database is away'));
  await expect(exec('rm -rf /', unwritten)).rejects.toThrow('the database is away');
  await exec('ls', async () => undefined);
  expect(commands).toEqual(['ls']);
  await engine.cancel(id, 'ada');
  await world.ended(id);
});
