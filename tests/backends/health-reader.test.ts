import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import type { Daemon } from '@/lib/backends/docker/daemon';
import { createHealthReader } from '@/lib/backends/docker/health';
import { createFakeClock } from '../support/fake-clock';

describe('The health check of a container on Podman', () => {
  it('is run after each of its intervals and never at once', async () => {
    expect(await checksOf({ Test: ['CMD', 'ok'], Interval: 5e9 }, 11_000)).toEqual([5_000, 10_000]);
  });

  it('is run after 30 s where nobody says an interval, as on Docker', async () => {
    expect(await checksOf({ Test: ['CMD', 'ok'] }, 31_000)).toEqual([30_000]);
  });

  it('is run once a second at most', async () => {
    expect(await checksOf({ Test: ['CMD', 'ok'], Interval: 1e8 }, 2_500)).toEqual([1_000, 2_000]);
  });

  it('is expected where the engine says nothing before the first check, and only where there is one', async () => {
    expect(await statusOf({ Test: ['CMD', 'ok'], Interval: 5e9 })).toBe('starting');
    expect(await statusOf({ Test: ['NONE'] })).toBe('none');
    expect(await statusOf(undefined)).toBe('none');
  });
});

interface HealthConfig {
  Test: string[];
  Interval?: number;
}

/** When the checks were run, by milliseconds after the start; it is asked for ten times a second. */
async function checksOf(config: HealthConfig, forMs: number): Promise<number[]> {
  const clock = createFakeClock();
  const checks: number[] = [];
  const read = createHealthReader(
    { clock, daemon: podman(config, () => checks.push(clock.monotonicMs())) },
    'c1',
  );
  for (let ms = 0; ms < forMs; ms += 100) {
    await read();
    await clock.advance(100);
  }
  return checks;
}

async function statusOf(config: HealthConfig | undefined): Promise<string> {
  const daemon = podman(config, () => undefined);
  return (await createHealthReader({ clock: createFakeClock(), daemon }, 'c1')()).status;
}

function podman(Healthcheck: HealthConfig | undefined, onCheck: () => void): Daemon {
  const docker = new Docker();
  const State = {
    Status: 'running',
    Running: true,
    ExitCode: 0,
    StartedAt: '2026-01-01T00:00:00Z',
    FinishedAt: '0001-01-01T00:00:00Z',
    Health: { Status: '', Log: [] },
  };
  const details = { Id: 'c1', State, Config: { Healthcheck } };
  const container = docker.getContainer('c1');
  docker.getContainer = () => Object.assign(container, { inspect: () => Promise.resolve(details) });
  docker.modem.dial = (_options, done) => {
    onCheck();
    done?.(null, {});
  };
  const engine = { name: 'Podman' as const, version: '5.4.2', architecture: 'amd64' };
  return {
    name: 'Podman',
    engine: async () => engine,
    call: (_what, _limitMs, run) => run(docker, new AbortController().signal),
  };
}
