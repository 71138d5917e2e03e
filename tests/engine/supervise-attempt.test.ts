import { expect, it } from 'vitest';
import { type StepWatch, StopRequest } from '@/lib/backends/backend';
import { superviseAttempt } from '@/lib/engine/supervise-attempt';
import { createFakeClock } from '../support/fake-clock';
import { makeStepSpec } from '../support/plan';

const minuteMs = 60_000;

/** A backend that never settles, and what it can do in the meantime. */
function attend(received: Promise<void> = Promise.resolve()) {
  const request = new AbortController();
  const clock = createFakeClock(0);
  const heard: string[] = [];
  let backend: StepWatch | undefined;
  const outcome = superviseAttempt(
    { clock, limits: {} },
    {
      runStep: (_step, watch) => {
        backend = watch;
        return new Promise(() => undefined);
      },
    },
    makeStepSpec({ stepId: 'api' }),
    {
      signal: request.signal,
      onPhase: ({ name }) => heard.push(name),
      onRunning: () => heard.push('running'),
      onReady: () => heard.push('ready'),
      onLines: async () => undefined,
      onArtifact: () => received,
    },
  );
  let failure: unknown = null;
  outcome.catch((error: unknown) => {
    failure = error;
  });
  if (!backend) throw new Error('the backend was not asked');
  return { clock, heard, backend, outcome, request, failure: () => failure };
}

it('gives up a start without a sign of life, and hears nothing more of it', async () => {
  const { clock, heard, backend, outcome, failure } = attend();
  await clock.advance(9 * minuteMs);
  backend.onPhase({ name: 'pulling', detail: '10 %' });
  await clock.advance(9 * minuteMs);
  expect(failure()).toBeNull();
  await clock.advance(minuteMs);
  await expect(outcome).rejects.toMatchObject({
    code: 'backend_failed',
    message: expect.stringContaining('no sign of life of step api while it started for 10 min'),
  });
  backend.onRunning();
  expect(heard).toEqual(['pulling']);
});

it('lets a step wait for as long as it must when the backend has said so', async () => {
  const { clock, backend, outcome, failure } = attend();
  backend.onPhase({ name: 'preparing', detail: 'waiting for an agent' });
  await clock.advance(24 * 60 * minuteMs);
  expect(failure()).toBeNull();
  backend.onPhase({ name: 'creating', detail: null });
  await clock.advance(20 * minuteMs);
  await expect(outcome).rejects.toMatchObject({ code: 'backend_failed' });
});

it('lets a program that runs be quiet for as long as it likes', async () => {
  const { clock, backend, failure } = attend();
  backend.onRunning();
  await clock.advance(24 * 60 * minuteMs);
  expect(failure()).toBeNull();
});

it('gives up one that is asked to stop and does not', async () => {
  const { clock, backend, outcome, request, failure } = attend();
  backend.onRunning();
  await clock.advance(24 * 60 * minuteMs);
  request.abort(new StopRequest('timed_out', 10_000));
  await clock.advance(2 * minuteMs);
  expect(failure()).toBeNull();
  await clock.advance(10_000);
  await expect(outcome).rejects.toMatchObject({ message: expect.stringContaining('asked to stop') });
});

it('does not take a receiver that is slow for a backend that is silent', async () => {
  let taken = () => {};
  const slow = new Promise<void>((resolve) => {
    taken = resolve;
  });
  const { clock, backend, outcome, request, failure } = attend(slow);
  backend.onRunning();
  request.abort(new StopRequest('cancelled', 0));
  const content = (async function* () {
    yield new Uint8Array();
  })();
  const received = backend.onArtifact({ path: 'a', format: 'file', bytes: 0, content });
  await clock.advance(20 * minuteMs);
  expect(failure()).toBeNull();
  taken();
  await received;
  expect(failure()).toBeNull();
  await clock.advance(4 * minuteMs);
  await expect(outcome).rejects.toMatchObject({ code: 'backend_failed' });
});
