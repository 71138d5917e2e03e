import { afterEach, expect, it } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import type { ExecProgress } from '@/lib/model/environment';
import { AppError } from '@/lib/model/errors';
import type { Secrets } from '@/lib/secrets/secrets';
import { makePlan } from '../support/plan';
import { openWorld, type World } from './world';

const secrets = [{ key: 'TOKEN', from: 'env:T' }];
const value = 'hunter2-hunter2';
let world: World | undefined;

afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** Answers in turn, the last one for ever; counts how often it was asked. */
function scripted(...answers: (string | AppError)[]): Secrets & { asked: number } {
  const source = {
    asked: 0,
    async resolve(references: readonly { key: string }[]) {
      const answer = answers[Math.min(source.asked, answers.length - 1)];
      source.asked += 1;
      if (answer instanceof AppError) throw answer;
      return Object.fromEntries(references.map(({ key }) => [key, answer ?? '']));
    },
  };
  return source;
}

it('a step gets the values of its secrets, and what it prints of them is masked; the plan holds references', async () => {
  world = await openWorld({
    secrets: scripted(value),
    script: (step) => ({ lines: [`token ${step.secrets.TOKEN}`, `all ${Object.keys(step.secrets)}`] }),
  });
  world.startEngine();
  const execution = await world.run(makePlan({ nodes: [{ id: 'a', secrets }, { id: 'b' }] }));
  expect((await world.lines(execution.id, 'a')).map(({ text }) => text)).toEqual(['token ***', 'all TOKEN']);
  expect((await world.lines(execution.id, 'b')).map(({ text }) => text)).toEqual(['token undefined', 'all ']);
  const plan = await world.store.executions.plan(execution.id);
  expect(plan?.nodes[0]?.secrets).toEqual(secrets);
  expect(JSON.stringify(plan)).not.toContain(value);
  expect((await world.store.executions.stepSpecs(execution.id, 'a'))[0]?.secrets).toEqual({ TOKEN: '***' });
});

it('a step without secrets that prints one of another step is masked too', async () => {
  world = await openWorld({
    secrets: scripted(value),
    script: { a: {}, b: { lines: [`leaked ${value}`], exitCode: 1 } },
  });
  world.startEngine();
  const nodes = [
    { id: 'a', secrets },
    { id: 'b', failOnLogs: [{ text: 'leaked', pattern: null, stream: 'any' as const }] },
  ];
  const execution = await world.run(makePlan({ nodes }));
  expect(JSON.stringify([execution, await world.events(execution.id)])).not.toContain(value);
  expect((await world.lines(execution.id, 'b')).map(({ text }) => text)).toEqual(['leaked ***']);
});

it('an execution whose secrets are gone by then is errored before anything runs, with the reason', async () => {
  world = await openWorld({ secrets: scripted(new AppError('secret_missing', 'TOKEN is not there')) });
  world.startEngine();
  const execution = await world.run(
    makePlan({
      nodes: [
        { id: 'a', secrets },
        { id: 'b', after: ['a'] },
      ],
    }),
  );
  expect(execution.status).toBe('errored');
  expect(execution.steps.map(({ status, result }) => [status, result?.reason])).toEqual([
    ['errored', 'TOKEN is not there'],
    ['skipped', 'skipped: its secrets could not be had'],
  ]);
  expect(world.backend.calls.filter(({ name }) => name !== 'closeEnvironment')).toEqual([]);
});

it('a place that cannot be asked for a moment is asked again', async () => {
  const source = scripted(new AppError('secret_unavailable', 'Vault is sealed'), value);
  world = await openWorld({ secrets: source, script: { a: { lines: [value] } } });
  world.startEngine();
  const execution = await world.run(makePlan({ nodes: [{ id: 'a', secrets }] }));
  expect([execution.status, source.asked]).toEqual(['passed', 2]);
});

it('who adopts an execution looks its secrets up again, and masks what comes then', async () => {
  const source = scripted(value);
  world = await openWorld({
    secrets: source,
    script: { a: { lines: [`first ${value}`, { text: `second ${value}`, afterMs: 700 }] } },
  });
  const first = world.startEngine();
  const id = await world.submit(makePlan({ nodes: [{ id: 'a', secrets }] }));
  await world.untilLines(id, 'a', 1);
  await first.stop();
  world.startEngine();
  await world.ended(id);
  expect((await world.lines(id, 'a')).map(({ text }) => text)).toEqual(['first ***', 'second ***']);
  expect(source.asked).toBe(2);
});

it('what is looked at in a container is masked, also a secret that comes in two parts', async () => {
  world = await openWorld({ secrets: scripted(value), script: { a: { runsMs: 'forever' } } });
  const backend: Backend = {
    ...world.backend,
    async exec(_id, _resource, command, onOutput) {
      onOutput({ stream: 'stdout', text: `$ ${command}\nTOKEN=${value.slice(0, 5)}` });
      onOutput({ stream: 'stderr', text: 'and ' });
      onOutput({ stream: 'stdout', text: `${value.slice(5)}\n` });
      return { exitCode: 0 };
    },
    readLastLines: async () => `one\n${value}\n`,
  };
  const engine = world.startEngine({ backend });
  const id = await world.submit(makePlan({ nodes: [{ id: 'a', secrets }] }));
  await world.until(id, ({ steps }) => steps[0]?.status === 'running');
  const said: string[] = [];
  const opened: string[] = [];
  const open = async (command: string) => void opened.push(command);
  const request = { resource: 'any', command: `echo ${value}`, open };
  const say = (item: ExecProgress) => said.push('text' in item ? `${item.stream}: ${item.text}` : item.type);
  await engine.environments.exec(id, request, say, new AbortController().signal);
  expect(opened).toEqual(['echo ***']);
  expect(said).toEqual(['stdout: $ echo ***\nTOKEN=', 'stderr: and ', 'stdout: ***\n', 'exit']);
  expect(await engine.environments.lastLines(id, 'any', 10)).toBe('one\n***\n');
  await engine.cancel(id, 'ada');
  await world.ended(id);
});
