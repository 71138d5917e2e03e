import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend, OpenPackage, ResourceLedger } from '@/lib/backends/backend';
import type { FakeStep } from '@/lib/backends/fake/fake-program';
import { createFairSemaphore } from '@/lib/engine/fair-semaphore';
import type { PlannedNode } from '@/lib/model/node';
import type { ServiceAddress, StepSpec } from '@/lib/model/step-spec';
import { makeStepSpec } from '../support/plan';
import { type WatchedStep, watchStep } from './contract/contract-run';
import { environmentContract } from './contract/environment-contract';
import { execContract } from './contract/exec-contract';
import { exitContract } from './contract/exit-contract';
import { ledgerContract } from './contract/ledger-contract';
import { outputContract } from './contract/output-contract';
import { createPackages, type PackageFile } from './contract/package-content';
import { readinessContract } from './contract/readiness-contract';
import { createRecordingLedger, type RecordingLedger } from './contract/recording-ledger';
import { stopContract } from './contract/stop-contract';

/** What a step of the contract does: Node source, and the script of the same for the fake. */
export interface ContractProgram {
  source: string;
  fake: FakeStep | ((step: StepSpec) => FakeStep);
}

export interface BackendHarness {
  backend: Backend;
  /** The same backend as another control plane of the installation has it. */
  another(): Backend;
  /** The argv that runs the program where the backend runs steps. */
  command(program: ContractProgram): string[];
  image: string | null;
  /** What the vendor itself still shows of an execution; empty after a close. */
  leftovers(executionId: string): Promise<string[]>;
  /** What an end by SIGKILL may take beyond the grace time. */
  killSlackMs: number;
  /** Between the lines of a program that must still run when it is heard; 10 unless the vendor is slow to tell. */
  paceMs?: number;
  /** Its backend was given the ledger. */
  keepsLedger?: boolean;
  close(): Promise<void>;
}

export interface ContractContext {
  ledger: RecordingLedger;
  harness(): BackendHarness;
  /** A test that `skips` may name. */
  test(title: string, body: () => Promise<void>): void;
  /** A spec of this test's own execution whose environment is open; closed after the test. */
  openStep(
    program: ContractProgram,
    step?: { node?: Partial<PlannedNode>; services?: ServiceAddress[]; env?: Record<string, string> },
  ): Promise<StepSpec>;
  /** Another step or attempt in the same execution. */
  sibling(step: StepSpec, program: ContractProgram, change?: Partial<PlannedNode>): StepSpec;
  run(step: StepSpec, options?: Parameters<typeof watchStep>[2]): WatchedStep;
}

export const packageFiles: PackageFile[] = [
  { path: 'hello.txt', content: 'from the package' },
  { path: 'bin/tool.sh', content: '#!/bin/sh\necho "tool got $1"\n', mode: 0o755 },
  { path: 'bin/windows.sh', content: '#!/bin/sh\r\necho never\r\n', mode: 0o755 },
  { path: 'bin/other-interpreter.sh', content: '#!/opt/no/such/shell\necho never\n', mode: 0o755 },
];

/**
 * Runs the contract of `Backend` against one of them. `skips` names tests that this backend cannot meet, each
 * with the reason, which is shown in its title. `atATime` is how many tests run at the same time; `part` leaves the
 * others to another call.
 */
export function backendContract(
  name: string,
  makeHarness: (dependencies: {
    openPackage: OpenPackage;
    ledger: ResourceLedger;
  }) => Promise<BackendHarness>,
  skips: Record<string, string> = {},
  { atATime = 1, part }: { atATime?: number; part?: 'steps' | 'environments' } = {},
): void {
  describe(`${name} keeps the contract of backends`, () => {
    const packages = createPackages();
    const packageDigest = packages.add(packageFiles);
    const unusedSkips = new Set(Object.keys(skips));
    let harness: BackendHarness | null = null;
    /** The executions of the test that asks. */
    const opened = new AsyncLocalStorage<string[]>();

    async function closeOpened(): Promise<void> {
      for (const executionId of opened.getStore() ?? []) {
        const receipt = await context.harness().backend.closeEnvironment(executionId);
        expect(receipt.left).toEqual([]);
        expect(await context.harness().leftovers(executionId)).toEqual([]);
      }
    }

    const ledger = createRecordingLedger();
    const places = createPlaces(atATime);

    const context: ContractContext = {
      ledger,
      harness() {
        if (!harness) throw new Error('the harness was not made');
        return harness;
      },
      test(title, body) {
        const reason = skips[title];
        unusedSkips.delete(title);
        const run = () => opened.run([], () => inTurn(body, closeOpened));
        if (reason) test.skip(`${title} [skipped: ${reason}]`, body);
        else if (atATime > 1) test.concurrent(title, () => places.run(run));
        else test(title, run);
      },
      async openStep(program, { node, services = [], env = {} } = {}) {
        const { backend, command, image } = context.harness();
        const executionId = newExecutionId();
        opened.getStore()?.push(executionId);
        await backend.openEnvironment({
          executionId,
          suiteId: 'contract',
          profile: 'default',
          owner: 'contract-owner',
          deadline: '2099-01-01T00:00:00.000Z',
          services,
        });
        return makeStepSpec({
          executionId,
          stepId: node?.id ?? 'step',
          backend: { id: backend.id, kind: backend.kind },
          env,
          services,
          node: { command: command(program), image, packageDigest, graceMs: 1_000, ...node },
        });
      },
      sibling(step, program, change = {}) {
        const node = { ...step.node, command: context.harness().command(program), ...change };
        return { ...step, stepId: node.id, node };
      },
      run: (step, options) => watchStep(context.harness().backend, step, options),
    };

    beforeAll(async () => {
      harness = await makeHarness({ openPackage: packages.openPackage, ledger });
    });
    afterAll(() => harness?.close());

    if (part !== 'environments') {
      exitContract(context);
      outputContract(context);
      readinessContract(context);
      stopContract(context);
      execContract(context);
    }
    if (part !== 'steps') {
      environmentContract(context);
      ledgerContract(context);
    }
    test('every skip names a test of the contract', () => expect([...unusedSkips]).toEqual([]));
  });
}

/** Runs so many at a time. */
function createPlaces(count: number) {
  const places = createFairSemaphore(count);
  return {
    async run(work: () => Promise<void>): Promise<void> {
      const release = await places.acquire('test', new AbortController().signal);
      try {
        await work();
      } finally {
        release?.();
      }
    },
  };
}

/** Both, whatever becomes of the first; what it rejected with is the more telling. */
async function inTurn(first: () => Promise<void>, second: () => Promise<void>): Promise<void> {
  try {
    await first();
  } catch (error) {
    await second().catch(() => {});
    throw error;
  }
  await second();
}

/** 16 lower-case letters and digits, as the engine makes them. */
export function newExecutionId(): string {
  return randomBytes(8).toString('hex');
}
