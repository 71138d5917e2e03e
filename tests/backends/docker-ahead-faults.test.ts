import type Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Backend, noLedger } from '@/lib/backends/backend';
import { aheadName, attemptName } from '@/lib/backends/labels';
import type { StepSpec } from '@/lib/model/step-spec';
import { describeWith } from '../support/requirements';
import { createAheadSteps } from './ahead-steps';
import { type WatchedStep, watchStep } from './contract/contract-run';

const fromStart = { resumeAfter: { stdout: 0, stderr: 0 } };

/** Prints each request, and answers with what its path says once the file /tmp/go is there. */
const mockProgram = `
  const { existsSync } = require('fs');
  require('http').createServer((request, response) => {
    console.log(request.method + ' ' + request.url);
    const answer = () => existsSync('/tmp/go')
      ? response.writeHead(Number(request.url.slice(1))).end()
      : setTimeout(answer, 20);
    answer();
  }).listen(8080, () => console.log('listens'));
`;

describeWith(['docker'], 'faults while a step is ready ahead on Docker', () => {
  let heldRemoval: Promise<void> = Promise.resolve();
  const written: string[] = [];
  const steps = createAheadSteps('docker-ahead-faults-test', {
    ...noLedger,
    async intend(_executionId, intents) {
      for (const { kind, stepId } of intents) if (kind === 'container') written.push(`intend ${stepId}`);
    },
    async removed(_executionId, kind, name) {
      await heldRemoval;
      if (name.endsWith('-step-1')) written.push(`removed ${kind}`);
    },
  });
  const { open, prepare, look, lookAhead, isGone } = steps;
  let docker: Docker;
  let backend: Backend;
  beforeAll(async () => {
    ({ docker, backend } = await steps.begin());
  });
  afterEach(steps.closeAll);
  afterAll(steps.end);

  /** As an owner that is gone after it gave the container the attempt's name, and before the release was on record. */
  async function standUnderItsName(step: StepSpec): Promise<Docker.Container> {
    expect((await prepare(step, 'standing')).stage).toBe('standing');
    const { Id } = await lookAhead(step);
    const container = docker.getContainer(Id);
    await container.rename({ name: attemptName(step) });
    return container;
  }

  async function type(container: Docker.Container, text: string): Promise<void> {
    const stream = await container.attach({ stream: true, stdin: true, hijack: true });
    await new Promise<void>((resolve) => stream.write(text, () => resolve()));
    stream.end();
  }

  async function typeWord(container: Docker.Container): Promise<void> {
    const { Config } = await container.inspect();
    await type(container, Config.Cmd[1] ?? '');
  }

  async function startMock(step: StepSpec, isOpen: boolean, status = 200) {
    const mock = steps.specOf(step.executionId, {
      id: 'mock',
      kind: 'service',
      command: ['node', '-e', mockProgram],
      ports: [8080],
    });
    const watched = watchStep(backend, mock);
    await watched.until(({ lines }) => lines.some(({ text }) => text === 'listens'));
    if (isOpen)
      await backend.exec?.(
        step.executionId,
        attemptName(mock),
        'touch /tmp/go',
        () => {},
        new AbortController().signal,
      );
    const reset = { stepId: 'mock', method: 'POST' as const, path: `/${status}`, port: 8080 };
    const withReset: StepSpec = { ...step, resets: [reset] };
    const isAsked = ({ lines }: WatchedStep) => lines.some(({ text }) => text.startsWith('POST'));
    return {
      withReset,
      asked: () => watched.until(isAsked),
      wasAsked: () => isAsked(watched),
      async stop() {
        watched.stop('not_needed', 0);
        await watched.outcome;
      },
    };
  }

  test('an owner that adopts what waits for its release resets the mocks first, and runs it once', async () => {
    const mock = await startMock(await open('echo ran'), true);
    const step = mock.withReset;
    const container = await standUnderItsName(step);
    expect(mock.wasAsked()).toBe(false);
    const watched = watchStep(steps.another(), step, fromStart);
    expect((await watched.outcome).exitCode).toBe(0);
    expect(mock.wasAsked()).toBe(true);
    expect(watched.texts()).toEqual(['ran']);
    expect((await look(step)).Id).toBe(container.id);
    await mock.stop();
  });

  test.each(['kill', 'stop'] as const)(
    'what ended by %s before its release is no verdict: it is made anew',
    async (how) => {
      const step = await open('echo ran');
      const container = await standUnderItsName(step);
      await container[how]();
      const watched = watchStep(steps.another(), step, fromStart);
      expect((await watched.outcome).exitCode).toBe(0);
      expect(watched.texts()).toEqual(['ran']);
      expect((await look(step)).Id).not.toBe(container.id);
    },
  );

  test.each([
    ['has printed', 'echo ran; exit 7', false],
    ['was on record as running', 'exit 7', true],
  ])('what ran and ended, and %s, is not run again', async (_what, script, wasRunning) => {
    const step = await open(script);
    const container = await standUnderItsName(step);
    await typeWord(container);
    await container.wait();
    const watched = watchStep(steps.another(), step, { ...fromStart, wasRunning });
    expect((await watched.outcome).exitCode).toBe(7);
    expect((await look(step)).Id).toBe(container.id);
  });

  test('what runs and is paused is adopted although the engine takes no connection to it', async () => {
    const step = await open('echo ran; sleep 1; echo on');
    const container = await standUnderItsName(step);
    await typeWord(container);
    await expect.poll(async () => (await container.logs({ stdout: true })).length).toBeGreaterThan(0);
    await container.pause();
    const watched = watchStep(steps.another(), step, { ...fromStart, wasRunning: true });
    await watched.until(({ calls }) => calls.includes('running'));
    await container.unpause();
    expect((await watched.outcome).exitCode).toBe(0);
    expect(watched.texts()).toEqual(['ran', 'on']);
  });

  test('what was paused while it waits is released once it goes on', async () => {
    const mock = await startMock(await open('echo ran'), true);
    const container = await standUnderItsName(mock.withReset);
    await container.pause();
    const watched = watchStep(steps.another(), mock.withReset, fromStart);
    await mock.asked();
    await container.unpause();
    expect((await watched.outcome).exitCode).toBe(0);
    expect(watched.texts()).toEqual(['ran']);
    expect((await look(mock.withReset)).Id).toBe(container.id);
    await mock.stop();
  });

  test.each(['kill', 'remove'] as const)(
    'a container that is lost by %s right before its release is made again within the attempt',
    async (how) => {
      const mock = await startMock(await open('echo ran'), false);
      const step = mock.withReset;
      await prepare(step, 'standing');
      const { Id } = await lookAhead(step);
      const watched = watchStep(backend, step);
      await mock.asked();
      await (how === 'kill'
        ? docker.getContainer(Id).kill()
        : docker.getContainer(Id).remove({ force: true }));
      const { executionId } = step;
      const opened = backend.exec?.(
        executionId,
        attemptName({ ...step, stepId: 'mock' }),
        'touch /tmp/go',
        () => {},
        new AbortController().signal,
      );
      await opened;
      expect((await watched.outcome).exitCode).toBe(0);
      expect(watched.texts()).toEqual(['ran']);
      expect(watched.calls.filter((call) => call === 'running')).toHaveLength(1);
      await mock.stop();
    },
  );

  test('a step that is cancelled while its mocks are reset leaves no container', async () => {
    const mock = await startMock(await open('echo ran'), false);
    await prepare(mock.withReset, 'standing');
    const watched = watchStep(backend, mock.withReset);
    await mock.asked();
    watched.stop('cancelled', 100);
    expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: null });
    expect(await isGone(mock.withReset)).toBe(true);
    await mock.stop();
  });

  test('a step whose mocks cannot be reset leaves no container', async () => {
    const mock = await startMock(await open('echo ran'), true, 500);
    await prepare(mock.withReset, 'standing');
    await expect(watchStep(backend, mock.withReset).outcome).rejects.toThrow('could not be reset');
    expect(await isGone(mock.withReset)).toBe(true);
    await mock.stop();
  });

  test('a key that somebody presses in a container that stands releases nothing', async () => {
    const step = await open('echo ran');
    await prepare(step, 'standing');
    const { Id } = await lookAhead(step);
    await type(docker.getContainer(Id), '\nls\n');
    const watched = watchStep(backend, step);
    expect((await watched.outcome).exitCode).toBe(0);
    expect(watched.texts()).toEqual(['ran']);
    expect((await look(step)).Id).toBe(Id);
  });

  test('what somebody else has released is not taken for the attempt', async () => {
    const step = await open('date +%s%N; sleep 600');
    await prepare(step, 'standing');
    const container = docker.getContainer((await lookAhead(step)).Id);
    await typeWord(container);
    await expect.poll(async () => (await container.logs({ stdout: true })).length).toBeGreaterThan(0);
    const watched = watchStep(backend, step);
    await watched.until(({ lines }) => lines.length > 0);
    expect((await look(step)).Id).not.toBe(container.id);
    watched.stop('cancelled', 0);
    await watched.outcome;
  });

  test('a step that shares volumes is never made ahead: making its container would fill them', async () => {
    const { container } = (await open('')).node;
    const volumes = [{ name: 'data', path: '/data', readOnly: false }];
    const step = await open('echo ran', { container: { ...container, volumes } });
    for (const stage of ['prepared', 'standing'] as const)
      expect(await prepare(step, stage)).toEqual({
        stage: null,
        reason: expect.stringMatching(/^it shares volumes/),
      });
    expect(await isGone(step)).toBe(true);
    expect((await watchStep(backend, step).outcome).exitCode).toBe(0);
  });

  test('a removal is on record before a container of the same name is intended', async () => {
    const step = await open('echo ran');
    await prepare(step, 'standing');
    let write = () => {};
    heldRemoval = new Promise((resolve) => {
      write = resolve;
    });
    written.length = 0;
    const discarded = backend.discardStep?.(step);
    await expect.poll(() => isGone(step)).toBe(true);
    const watched = watchStep(backend, step);
    expect(written).toEqual([]);
    write();
    await discarded;
    await watched.outcome;
    expect(written.slice(0, 2)).toEqual(['removed container', 'intend step']);
  });

  test('closing the environment waits for what a run has let go of', async () => {
    const step = await open('echo ran');
    const hold = new AbortController();
    const preparing = backend.prepareStep?.(step, { stage: 'standing', signal: hold.signal });
    await expect.poll(() => isGone(step), { timeout: 30_000, interval: 5 }).toBe(false);
    hold.abort();
    expect((await backend.closeEnvironment(step.executionId)).left).toEqual([]);
    await preparing;
    expect(await isGone(step)).toBe(true);
  });

  test('what stands is neither shown as running nor offered a shell, and runs once it is released', async () => {
    const step = await open('sleep 600');
    await prepare(step, 'standing');
    const shown = async () => {
      const all = await backend.listEnvironments();
      const own = all.find(({ executionId }) => executionId === step.executionId);
      return own?.resources.filter(({ stepId }) => stepId === 'step');
    };
    expect(await shown()).toMatchObject([{ name: attemptName(step), ahead: 'standing', shell: null }]);
    const watched = watchStep(backend, step);
    await watched.until(({ calls }) => calls.includes('running'));
    const [running] = (await shown()) ?? [];
    expect(running).toMatchObject({ name: attemptName(step), state: 'running' });
    expect(running?.ahead).toBeUndefined();
    expect(running?.shell).toContain(attemptName(step));
    expect((await docker.listContainers({ all: true, filters: { name: [aheadName(step)] } })).length).toBe(0);
    watched.stop('cancelled', 0);
    await watched.outcome;
  });
});
