import { setMaxListeners } from 'node:events';
import type { Backend } from '@/lib/backends/backend';
import {
  createFakeBackend,
  type FakeBackend,
  type FakeBackendOptions,
  type FakeScript,
} from '@/lib/backends/fake/fake-backend';
import { type Clock, systemClock } from '@/lib/clock';
import { createEngine } from '@/lib/engine/create-engine';
import type { Engine, EngineLimits } from '@/lib/engine/engine';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution } from '@/lib/model/execution';
import type { LogLine } from '@/lib/model/log-line';
import type { Plan } from '@/lib/model/plan';
import { isFinalExecution } from '@/lib/model/status';
import type { StepTracing } from '@/lib/model/telemetry';
import { createLaunchSource } from '@/lib/secrets/launch-source';
import { openSecrets } from '@/lib/secrets/open-secrets';
import { createRegistryLogins } from '@/lib/secrets/registry-logins';
import { createSeal } from '@/lib/secrets/seal';
import type { Secrets } from '@/lib/secrets/secrets';
import type { Store } from '@/lib/store/store';
import { eventSource } from '@/lib/store/stream-sources';
import { follow } from '@/lib/streams/follow';
import type { SuiteCatalog } from '@/lib/suites/catalog/catalog';
import { noTraces } from '@/lib/telemetry/traces/traces';
import { openTestStore, silentLogger } from '../support/database';

const seal = createSeal('the key of these tests');

export interface World {
  store: Store;
  /** Of its database. */
  url: string;
  backend: FakeBackend;
  /** An engine that is started and is stopped when the world ends; each has an owner of its own. */
  startEngine(own?: {
    store?: Store;
    backend?: Backend;
    limits?: Partial<EngineLimits>;
    clock?: Clock;
    catalog?: SuiteCatalog;
    tracing?: StepTracing;
    /** Not stopped when the world ends: its store no longer answers. */
    isDoomed?: boolean;
  }): Engine;
  submit(plan: Plan, labels?: Record<string, string>): Promise<string>;
  /** Resolves when the picture of the execution is as asked for. */
  until(id: string, what: (execution: Execution) => boolean): Promise<Execution>;
  ended(id: string): Promise<Execution>;
  run(plan: Plan): Promise<Execution>;
  events(id: string): Promise<ExecutionEvent[]>;
  lines(id: string, stepId: string): Promise<LogLine[]>;
  /** Resolves with the texts when so many lines of the step are stored. */
  untilLines(id: string, stepId: string, count: number): Promise<string[]>;
  close(): Promise<void>;
}

const limits: EngineLimits = {
  maxExecutions: 20,
  maxSteps: 8,
  maxLogBytesPerStep: 1024 * 1024,
  maxArtifactBytes: 1024 * 1024,
  maxReportBytes: 1024 * 1024,
  leaseMs: 15_000,
  retention: { days: null, outputDays: null, count: null, auditDays: null, caseDays: null },
  // Tests let hours pass while the database is really asked.
  startSilenceMs: Number.MAX_SAFE_INTEGER,
};

/** A real store on a fresh database, and the scripted backend. */
export async function openWorld(
  given: { script?: FakeScript; options?: FakeBackendOptions; clock?: Clock; secrets?: Secrets } = {},
): Promise<World> {
  const { store, url, close } = await openTestStore();
  const clock = given.clock ?? systemClock;
  const ended = new AbortController();
  setMaxListeners(0, ended.signal);
  const backend = createFakeBackend({ clock }, given.script, given.options);
  const engines: Engine[] = [];
  let count = 0;

  const world: World = {
    store,
    url,
    backend,
    startEngine(own = {}) {
      count += 1;
      const used = own.backend ?? backend;
      const engine = createEngine({
        clock: own.clock ?? clock,
        store: own.store ?? store,
        catalog: own.catalog ?? {
          list: async () => [],
          get: async () => null,
          openPackage: refuse,
          read: refuse,
          fileHashes: refuse,
          close: async () => undefined,
        },
        finder: { find: refuse },
        backends: {
          options: async () => [
            { id: used.id, label: 'Scripted', kind: used.kind, default: true, available: true, reason: null },
          ],
          get: async (id) => (id === used.id ? used : null),
        },
        secrets:
          given.secrets ?? openSecrets({ launch: createLaunchSource(seal, store.executions.launchSecret) }),
        seal,
        logins: createRegistryLogins(store.settings, seal),
        tracing: own.tracing ?? noTraces,
        limits: { ...limits, ...own.limits },
        logger: silentLogger,
        owner: `engine-${count}`,
      });
      engine.start();
      if (!own.isDoomed) engines.push(engine);
      return engine;
    },
    async submit(plan, labels = {}) {
      const id = Math.random().toString(36).slice(2).padEnd(16, 'x').slice(0, 16);
      await store.executions.create({
        id,
        plan,
        backend: { id: 'local', kind: 'local', label: 'Scripted' },
        author: 'ada',
        labels,
        env: {},
        idempotencyKey: null,
        requestHash: '',
      });
      return id;
    },
    async until(id, what) {
      const bell = store.notifier.subscribe(store.events.topic(id), ended.signal);
      for (;;) {
        const execution = await store.executions.get(id);
        if (execution && what(execution)) return execution;
        await bell.next();
        if (ended.signal.aborted)
          throw new Error(`the test ended first; ${id} stood at ${JSON.stringify(execution)}`);
      }
    },
    async ended(id) {
      // Following, not looking at the whole picture after each event: it may have 5,000 steps.
      for await (const page of follow(eventSource(store, id), 0, ended.signal)) void page;
      return world.until(id, (execution) => isFinalExecution(execution.status));
    },
    async run(plan) {
      return world.ended(await world.submit(plan));
    },
    events: (id) => store.events.read(id, 0, 100_000),
    async lines(id, stepId) {
      return (await store.logs.read(id, 0, 1_000_000)).lines.filter((line) => line.stepId === stepId);
    },
    async untilLines(id, stepId, count) {
      const bell = store.notifier.subscribe(store.logs.topic(id), ended.signal);
      for (;;) {
        const lines = await world.lines(id, stepId);
        if (lines.length >= count) return lines.map((line) => line.text);
        await bell.next();
        if (ended.signal.aborted) throw new Error(`the test ended first; ${lines.length} lines were stored`);
      }
    },
    async close() {
      ended.abort();
      await Promise.all(engines.map((engine) => engine.stop()));
      await close();
    },
  };
  return world;
}

/** Every step ended exactly once, every attempt began before it ended, numbers have no gap. */
export function expectSoundHistory(events: ExecutionEvent[]): void {
  const ends = new Map<string, number>();
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1) throw new Error(`event ${index + 1} has the number ${event.seq}`);
    if (event.type === 'step.finished') ends.set(event.stepId, (ends.get(event.stepId) ?? 0) + 1);
  }
  const doubled = [...ends].filter(([, count]) => count > 1).map(([id]) => id);
  if (doubled.length > 0) throw new Error(`steps ended more than once: ${doubled.join(', ')}`);
  const created = events.find((event) => event.type === 'execution.created');
  const missing = created?.steps.filter(({ id }) => !ends.has(id)).map(({ id }) => id) ?? [];
  if (missing.length > 0) throw new Error(`steps never ended: ${missing.join(', ')}`);
  if (events.at(-1)?.type !== 'execution.finished')
    throw new Error('the last event is not execution.finished');
}

async function refuse(): Promise<never> {
  throw new Error('no suites here');
}
