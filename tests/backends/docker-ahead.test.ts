import type Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import { aheadName } from '@/lib/backends/labels';
import type { PlannedNode } from '@/lib/model/node';
import { describeWith } from '../support/requirements';
import { createAheadSteps } from './ahead-steps';
import { watchStep } from './contract/contract-run';

const installation = 'docker-ahead-test';

describeWith(['docker'], 'steps that Docker makes ready ahead', () => {
  const steps = createAheadSteps(installation);
  const { open, openAgain, prepare, look, lookAhead, isGone } = steps;
  let docker: Docker;
  let backend: Backend;

  beforeAll(async () => {
    ({ docker, backend } = await steps.begin());
  });
  afterEach(steps.closeAll);
  afterAll(steps.end);

  const allThatIsSeen = [
    'tr "\\0" "|" < /proc/1/cmdline; echo; cat /proc/1/comm; readlink /proc/1/exe',
    'id; pwd; readlink /proc/self/fd/0; grep flags /proc/self/fdinfo/0; grep -v -e ^Pid -e ctxt -e ^Vm -e ^Rss /proc/self/status | grep -e Sig[BIC] -e Cap -e Groups',
    'env | sort | grep -v -e HOSTNAME -e EXECUTION; cat | wc -c; ls -a /suite; umask; ulimit -a; cat /etc/resolv.conf',
    'echo to stderr >&2; exit 7',
  ].join('; ');

  test('a step that stands runs nothing before its release, and then as without', async () => {
    const plain = await open(allThatIsSeen);
    const expected = watchStep(backend, plain);
    const ended = await expected.outcome;
    const step = await open(allThatIsSeen);
    expect(await prepare(step, 'prepared')).toEqual({ stage: 'prepared', reason: null });
    expect((await lookAhead(step)).State.Status).toBe('created');
    expect(await prepare(step, 'standing')).toEqual({ stage: 'standing', reason: null });
    const { State } = await lookAhead(step);
    expect(State.Running).toBe(true);
    const { Processes } = await docker.getContainer(aheadName(step)).top();
    expect(Processes).toHaveLength(1);
    expect(await docker.getContainer(aheadName(step)).logs({ stdout: true, stderr: true })).toHaveLength(0);
    const watched = watchStep(backend, step);
    expect({ ...(await watched.outcome), endedAtMs: 0 }).toEqual({ ...ended, endedAtMs: 0 });
    expect(watched.texts('stdout')).toEqual(expected.texts('stdout'));
    expect(watched.texts('stderr')).toEqual(['to stderr']);
    // It is the container that stood.
    expect((await look(step)).State.StartedAt).toBe(State.StartedAt);
  });

  test('what is not needed is removed, never ran, and is counted in the receipt', async () => {
    const step = await open('echo ran');
    await prepare(step, 'standing');
    await backend.discardStep?.(step);
    expect(await isGone(step)).toBe(true);
    const { created, removed, left } = await backend.closeEnvironment(step.executionId);
    expect({ removed, left }).toEqual({ removed: created, left: [] });
    // Network, two volumes and the container.
    expect(created).toBe(4);
  });

  test('closing the environment waits for what is being made, and removes it', async () => {
    const step = await open('echo ran');
    const preparing = prepare(step, 'standing');
    await expect.poll(() => isGone(step), { timeout: 30_000, interval: 5 }).toBe(false);
    expect((await backend.closeEnvironment(step.executionId)).left).toEqual([]);
    await preparing;
    expect(await isGone(step)).toBe(true);
  });

  test('a step whose spec is another one by then runs in a container of its own', async () => {
    const step = await open('echo $GREETING');
    await prepare(step, 'standing');
    const { Id } = await lookAhead(step);
    const watched = watchStep(backend, { ...step, env: { GREETING: 'good morning' } });
    expect((await watched.outcome).exitCode).toBe(0);
    expect(watched.texts()).toEqual(['good morning']);
    expect((await look(step)).Id).not.toBe(Id);
  });

  test('a container that somebody killed while it stood, or removed, is made again', async () => {
    for (const harm of ['kill', 'stop', 'remove'] as const) {
      const step = await open('echo ran');
      await prepare(step, 'standing');
      const container = docker.getContainer(aheadName(step));
      if (harm === 'kill') await container.kill();
      else if (harm === 'stop') await container.stop({ t: 600 });
      else await container.remove({ force: true });
      const watched = watchStep(backend, step);
      expect((await watched.outcome).exitCode).toBe(0);
      expect(watched.texts()).toEqual(['ran']);
    }
  });

  test.each(['prepared', 'standing'] as const)(
    'an owner that comes after a crash makes what was %s anew, and never ran it',
    async (stage) => {
      const step = await open('echo ran; date +%s%N');
      await prepare(step, stage);
      const { Id } = await lookAhead(step);
      const next = steps.another();
      expect(await prepare(step, 'standing', next)).toEqual({ stage: 'standing', reason: null });
      expect((await lookAhead(step)).Id).not.toBe(Id);
      const watched = watchStep(next, step);
      expect((await watched.outcome).exitCode).toBe(0);
      expect(watched.texts()[0]).toBe('ran');
      expect(watched.texts()).toHaveLength(2);
    },
  );

  test.each(['prepared', 'standing'] as const)(
    'an owner that adopts an execution removes what was %s and has not begun',
    async (stage) => {
      const step = await open('echo ran');
      await prepare(step, stage);
      const next = steps.another();
      await openAgain(next, step);
      expect(await isGone(step)).toBe(true);
      const watched = watchStep(next, step, { resumeAfter: { stdout: 0, stderr: 0 } });
      expect((await watched.outcome).exitCode).toBe(0);
      expect(watched.texts()).toEqual(['ran']);
    },
  );

  test('a step that was released is not released again by who adopts it', async () => {
    const step = await open('echo ran; cat; sleep 2; echo still runs');
    await prepare(step, 'standing');
    const first = watchStep(backend, step);
    await first.until(({ lines }) => lines.length > 0);
    first.stop('detached');
    await first.outcome;
    const second = watchStep(steps.another(), step, { resumeAfter: { stdout: 1, stderr: 0 } });
    expect((await second.outcome).exitCode).toBe(0);
    expect(second.texts()).toEqual(['still runs']);
  });

  test('a step that is stopped before it is released runs nothing', async () => {
    const step = await open('echo ran');
    const preparing = prepare(step, 'standing');
    const watched = watchStep(backend, step);
    watched.stop('cancelled', 100);
    expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: null });
    await preparing;
    await expect.poll(() => isGone(step), { timeout: 30_000 }).toBe(true);
    expect(watched.texts('stdout')).toEqual([]);
  });

  test('what cannot be kept exactly behind the gate is prepared only, and says why', async () => {
    const healthCheck = { argv: ['true'], intervalMs: 1_000, timeoutMs: 1_000, retries: 1, startPeriodMs: 0 };
    const { container } = (await open('')).node;
    const cases: [Partial<PlannedNode>, RegExp][] = [
      [{ kind: 'service' }, /^others would find it by its name/],
      [{ container: { ...container, aliases: ['other'] } }, /^others would find it by its name/],
      [{ container: { ...container, healthCheck } }, /^its health check would run/],
      [{ command: null }, /^the image's own command/],
    ];
    for (const [node, reason] of cases) {
      const step = await open('echo ran', node);
      expect(await prepare(step, 'standing')).toEqual({
        stage: 'prepared',
        reason: expect.stringMatching(reason),
      });
      expect((await lookAhead(step)).State.Status).toBe('created');
    }
  });
});
