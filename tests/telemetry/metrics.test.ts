import { expect, it } from 'vitest';
import type { MetricsSources } from '@/lib/telemetry/gauges';
import { createMetrics } from '@/lib/telemetry/metrics';
import { createFakeClock } from '../support/fake-clock';
import { silentLogger } from '../support/silent-logger';

const counts = {
  executions: { queued: 3, running: 2 },
  agents: { online: 1, draining: 0, offline: 4 },
};

function world(change: Partial<MetricsSources> = {}) {
  const clock = createFakeClock();
  const asked = { counts: 0, inventory: 0 };
  const sources: MetricsSources = {
    store: {
      async counts() {
        asked.counts += 1;
        return counts;
      },
    },
    backendOptions: async () => [
      { id: 'a', label: 'A', kind: 'local', default: true, available: true, reason: null },
      { id: 'b', label: 'B', kind: 'local', default: false, available: true, reason: null },
      { id: 'c', label: 'C', kind: 'kubernetes', default: false, available: false, reason: 'secret.host' },
    ],
    engine: {
      environments: {
        async take() {
          asked.inventory += 1;
          return { at: '', environments: [], backends: [], warnings: [] };
        },
      },
    },
    sse: { openStreams: () => 7 },
    ...change,
  };
  const metrics = createMetrics({ clock, logger: silentLogger }, { offlineAfterMs: 1 });
  return { clock, asked, expose: () => metrics.expose(sources) };
}

it('shows what there is by state and kind alone', async () => {
  const text = await world().expose();
  for (const line of [
    'gantry_database_up 1',
    'gantry_streams_open 7',
    'gantry_executions{status="queued"} 3',
    'gantry_executions{status="running"} 2',
    'gantry_agents{state="offline"} 4',
    'gantry_backends{kind="local",available="true"} 2',
    'gantry_backends{kind="kubernetes",available="false"} 1',
    'gantry_environments{state="zombie"} 0',
    'gantry_executions_finished_total{status="failed"} 0',
    'gantry_steps_finished_total{status="timed_out"} 0',
    'gantry_step_wait_seconds_count 0',
    'gantry_log_lines_stored_total 0',
  ])
    expect(text.split('\n')).toContain(line);
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
  expect(text).not.toContain('secret');
});

it('reads once a second for a crowd, and lists the environments every ten', async () => {
  const { asked, clock, expose } = world();
  const texts = await Promise.all(Array.from({ length: 100 }, expose));
  expect(new Set(texts).size).toBe(1);
  expect(asked).toEqual({ counts: 1, inventory: 1 });
  await clock.advance(1_000);
  await expose();
  expect(asked).toEqual({ counts: 2, inventory: 1 });
  await clock.advance(9_000);
  await expose();
  expect(asked).toEqual({ counts: 3, inventory: 2 });
});

it('leaves out what cannot be read in time, and old numbers with it', async () => {
  let isAway = false;
  const { clock, expose } = world({
    store: { counts: async () => (isAway ? Promise.reject(new Error('away')) : counts) },
    backendOptions: () => (isAway ? new Promise(() => undefined) : Promise.resolve([])),
  });
  expect(await expose()).toContain('gantry_executions{');
  isAway = true;
  await clock.advance(1_000);
  const text = expose();
  await clock.whenSleeping(2_000);
  await clock.advance(2_000);
  expect(await text).toContain('gantry_database_up 0\n');
  expect(await text).not.toMatch(/gantry_(executions|agents|backends)\{/);
});
