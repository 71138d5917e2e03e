import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backend } from '@/lib/backends/backend';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { labelNames } from '@/lib/backends/labels';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { type Clock, systemClock } from '@/lib/clock';
import { evaluateAttempt } from '@/lib/engine/evaluate-attempt';
import { createFairSemaphore } from '@/lib/engine/fair-semaphore';
import { AppError } from '@/lib/model/errors';
import type { PlannedNode } from '@/lib/model/node';
import type { StepSpec } from '@/lib/model/step-spec';
import { makeStepSpec } from '../support/plan';
import { describeWith } from '../support/requirements';
import { newExecutionId, packageFiles } from './backend-contract';
import { type WatchedStep, watchStep } from './contract/contract-run';
import { createPackages } from './contract/package-content';
import { leftovers, quietLogger } from './docker-harness';
import { type EngineCall, type Lie, type LyingEngine, openLyingEngine } from './lying-engine';

// Of this run: what another one left when it was killed is not its own.
const installation = `engine-refusals-${randomBytes(4).toString('hex')}`;
/** `npm run engines` tries them all on each engine. */
const isThorough = process.env.GANTRY_TEST_THOROUGH === '1';
const answers: Lie[] = isThorough
  ? [400, 403, 409, 429, 500, 502, 503, 'cut', 'empty', 'silence']
  : [403, 409, 500, 'cut', 'empty', 'silence'];

const callsOfARun = [
  'DELETE /containers/ID',
  'GET /containers/ID/archive',
  'GET /containers/ID/json',
  'GET /containers/ID/logs',
  'GET /containers/json',
  'GET /images/ID/json',
  'GET /networks',
  'GET /version',
  'GET /volumes/ID',
  'HEAD /containers/ID/archive',
  'POST /containers/ID/attach',
  'POST /containers/ID/start',
  'POST /containers/ID/wait',
  'POST /containers/create',
  'POST /networks/create',
  'POST /volumes/create',
  'PUT /containers/ID/archive',
];

const callsOfClosing = ['DELETE /networks/ID', 'DELETE /volumes/ID', 'GET /volumes'];

/** Deadlines are long, and a test of many silent calls is short: its backend's time runs faster. */
const haste = 4;
/** More at a time would make the engine itself too slow for that. */
const places = createFairSemaphore(4);
const hastyClock: Clock = {
  now: systemClock.now,
  monotonicMs: () => systemClock.monotonicMs() * haste,
  sleep: (ms, signal) => systemClock.sleep(ms / haste, signal),
};

describeWith('docker', 'An engine, or a proxy before it, that refuses a call', () => {
  const packages = createPackages();
  const packageDigest = packages.add(packageFiles);
  const opened: string[] = [];

  beforeAll(async () => {
    await buildToolbox({ docker: new Docker(), log: () => undefined });
  });
  afterAll(async () => {
    const docker = new Docker();
    expect(await leftovers(docker, `${labelNames.installation}=${installation}`)).toEqual([]);
    // An engine makes a volume without labels for a container that mounts one that is gone.
    const { Volumes: volumes } = await docker.listVolumes();
    const own = volumes.map(({ Name }) => Name).filter((name) => opened.some((id) => name.includes(id)));
    expect(own).toEqual([]);
  });

  interface Run {
    backend: Backend;
    step: StepSpec;
    watched: WatchedStep;
  }

  /**
   * Opens, runs and evaluates as the engine does: of what rejects it makes `errored`. Afterwards the environment is
   * removed by an engine that answers truly, and nothing may be left.
   */
  async function runStep(...run: Parameters<typeof runAlone>) {
    const release = await places.acquire('test', new AbortController().signal);
    try {
      return await runAlone(...run);
    } finally {
      release?.();
    }
  }

  async function runAlone(
    answer: LyingEngine['answer'],
    node: Partial<PlannedNode>,
    act: (run: Run) => Promise<void> = async () => undefined,
  ) {
    const engine = await openLyingEngine();
    const deps = { clock: hastyClock, logger: quietLogger, openPackage: packages.openPackage };
    const backend = createDockerBackend(deps, { id: 'local', installation, host: engine.url });
    const executionId = newExecutionId();
    opened.push(executionId);
    const step = makeStepSpec({ executionId, node: { image: toolboxImage, packageDigest, ...node } });
    engine.answer = answer;
    try {
      await backend.openEnvironment({ executionId, ...environment });
      const watched = watchStep(backend, step);
      await act({ backend, step, watched });
      const outcome = await watched.outcome;
      const exportProblems = watched.artifacts.length > 0 ? [] : ['the required file was not written'];
      const stop = watched.stopRequest();
      const { status, result } = evaluateAttempt(step.node, outcome, { ...evidence, stop, exportProblems });
      const lines = watched.texts();
      return { status, reason: result.reason, exitCode: outcome.exitCode, lines, calls: engine.calls };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { status: 'errored', reason: error.message, exitCode: null, lines: [], calls: engine.calls };
    } finally {
      engine.answer = () => null;
      const receipt = await backend.closeEnvironment(executionId);
      await engine.close();
      expect(receipt.left).toEqual([]);
    }
  }

  async function verdictOf(...given: Parameters<typeof runStep>) {
    const { calls: _, ...verdict } = await runStep(...given);
    return verdict;
  }

  /** Answers a kind of call in the engine's place, and counts how often. */
  function refusing(kind: string, answer: Lie) {
    const refusal = {
      count: 0,
      answer(call: EngineCall): Lie | null {
        if (call.kind !== kind) return null;
        refusal.count += 1;
        return answer;
      },
    };
    return refusal;
  }

  test('is asked for all that a run of a step asks', async () => {
    const { calls, ...verdict } = await runStep(() => null, printsOnBoth);
    expect(verdict).toEqual({ ...rightVerdict, lines: linesOfBoth });
    const kinds = new Set(calls.map(({ kind }) => kind));
    expect([...kinds].filter((kind) => !callsOfClosing.includes(kind)).sort()).toEqual(callsOfARun);
  });

  for (const kind of callsOfARun) {
    test.concurrent.each(answers)(
      `that answers ${kind} with %s makes no verdict but \`errored\` or the right one`,
      async (answer) => {
        const refusal = refusing(kind, answer);
        // The log is read where an attachment cannot tell the order of two streams.
        const isOfLog = kind === 'GET /containers/ID/logs';
        const program = isOfLog ? printsOnBoth : endsWith3;
        const right = isOfLog ? { ...rightVerdict, lines: linesOfBoth } : rightVerdict;
        let verdict = await verdictOf(refusal.answer, program);
        // Lines that come far enough apart have their order without the log, and an engine under load can be too slow
        // for the call to be reached.
        for (let runs = 1; refusal.count === 0 && runs < 5; runs += 1) {
          if (verdict.status === 'errored') expect(verdict.reason).toContain(' within ');
          else expect(verdict).toEqual(right);
          verdict = await verdictOf(refusal.answer, program);
        }
        expect(refusal.count).toBeGreaterThan(0);
        if (verdict.status !== 'errored') return expect(verdict).toEqual(right);
        expect(verdict.reason?.length).toBeGreaterThan(20);
      },
    );
  }

  for (const kind of ['POST /containers/ID/kill', 'GET /containers/ID/top']) {
    test.concurrent.each(answers)(
      `that answers ${kind} with %s while a step is stopped makes it \`errored\` or \`cancelled\``,
      async (answer) => {
        const refusal = refusing(kind, answer);
        const { status, reason } = await runStep(refusal.answer, ignoresSigterm, async ({ watched }) => {
          await watched.until(({ lines }) => lines.length > 0);
          watched.stop('cancelled', 500 * haste);
        });
        expect(refusal.count).toBeGreaterThan(0);
        expect(['errored', 'cancelled']).toContain(status);
        expect(reason).toMatch(/killed by SIGKILL|SIGTERM|SIGKILL/);
      },
    );
  }

  for (const kind of ['POST /containers/ID/exec', 'POST /exec/ID/start', 'GET /exec/ID/json']) {
    test.concurrent.each(answers)(
      `that answers ${kind} with %s to a probe makes the service \`errored\`, for nobody knows whether it was ready`,
      async (answer) => {
        const refusal = refusing(kind, answer);
        const run = (timeoutMs: number) =>
          runStep(refusal.answer, isProbed(timeoutMs), async ({ watched }) => {
            // A probe that is said to have passed is to fail this test, and not to keep it waiting.
            void watched
              .until(({ calls }) => calls.includes('ready'))
              .then(
                () => watched.stop('not_needed'),
                () => undefined,
              );
          });
        let timeoutMs = 1_500;
        let verdict = await run(timeoutMs);
        // An engine under load can be too slow for the call to be reached.
        while (refusal.count === 0 && timeoutMs < 30_000) {
          expect(verdict.status).toMatch(/errored|failed/);
          timeoutMs *= 3;
          verdict = await run(timeoutMs);
        }
        expect(refusal.count).toBeGreaterThan(0);
        expect(verdict.status).toBe('errored');
        expect(verdict.reason).toContain('not ready after');
      },
    );
  }

  for (const kind of ['DELETE /containers/ID', ...callsOfClosing]) {
    test.concurrent.each(answers)(
      `that answers ${kind} with %s to a removal is not said to have removed anything`,
      async (answer) => {
        const refusal = refusing(kind, answer);
        let isClosing = false;
        await runStep(
          (call) => (isClosing ? refusal.answer(call) : null),
          endsWith3,
          async ({ backend, step, watched }) => {
            await watched.outcome;
            isClosing = true;
            const left = await backend.closeEnvironment(step.executionId).then(
              (receipt) => receipt.left.length,
              (error: unknown) => error,
            );
            if (left instanceof AppError) return;
            expect(left).toBeGreaterThan(0);
          },
        );
        expect(refusal.count).toBeGreaterThan(0);
      },
    );
  }
});

const endsWith3 = {
  id: 'step',
  kind: 'test' as const,
  command: ['sh', '-c', 'sleep 0.3; echo printed; echo a > $GANTRY_ARTIFACTS/a.txt; exit 3'],
  exports: [{ path: 'a.txt', format: 'file' as const, on: 'always' as const, required: true }],
};
const printsOnBoth = {
  ...endsWith3,
  command: [
    'sh',
    '-c',
    'i=0; while [ $i -lt 20 ]; do echo printed; echo printed >&2; sleep 0.01; i=$((i+1)); done; echo a > $GANTRY_ARTIFACTS/a.txt; exit 3',
  ],
};
const linesOfBoth = Array.from({ length: 40 }, () => 'printed');
const ignoresSigterm = {
  id: 'step',
  kind: 'test' as const,
  command: ['sh', '-c', "trap '' TERM; echo up; while true; do sleep 1; done"],
};
const isProbed = (timeoutMs: number) => ({
  id: 'step',
  kind: 'service' as const,
  command: ['sh', '-c', "trap 'exit 0' TERM; while true; do sleep 0.1; done"],
  ready: {
    probes: [{ type: 'exec' as const, argv: ['true'] }],
    ...{ forMs: 0, intervalMs: 100 * haste, timeoutMs: timeoutMs * haste },
  },
});

const rightVerdict = {
  status: 'failed',
  reason: 'exit code 3, expected 0',
  exitCode: 3,
  lines: ['printed'],
};

const environment = {
  suiteId: 'suite',
  profile: 'default',
  owner: 'owner',
  deadline: '2099-01-01T00:00:00.000Z',
  services: [],
};

const evidence = {
  stop: null,
  stopReason: null,
  wasReady: false,
  forbiddenLine: null,
  missingLogs: [],
  reports: [],
};
