import { Readable } from 'node:stream';
import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ContainerState } from '@/lib/backends/docker/containers';
import type { Daemon } from '@/lib/backends/docker/daemon';
import { explainSignal } from '@/lib/backends/docker/explain-signal';
import type { Clock } from '@/lib/clock';
import { createFakeClock } from '../support/fake-clock';

/** Answers with no time passing. */
function explain(daemon: Daemon, state: ContainerState): Promise<ContainerState> {
  const clock: Clock = { ...createFakeClock(), sleep: async () => undefined };
  return explainSignal({ clock, daemon }, 'c1', state, { stepId: 'hungry' });
}

describe('A container that a signal ended', () => {
  it('has run out of memory when only the events say so, in an order that no test can force on Docker', async () => {
    const state = await explain(daemonThatTells(['{"Action":"oom"}\n']), killed({ ExitCode: 137 }));
    expect(state.OOMKilled).toBe(true);
  });

  it('has run out of memory when the runtime kills what is left of it afterwards', async () => {
    const lines = ['{"Action":"oom"}\n{"Action":', '"kill"}\n'];
    const state = await explain(daemonThatTells(lines), killed({ ExitCode: 137 }));
    expect(state.OOMKilled).toBe(true);
  });

  it('has run out of memory when Docker learns of it late', async () => {
    const daemon = daemonThatTells([], { remembers: ['start'], learnsLate: true });
    expect((await explain(daemon, killed({ ExitCode: 137 }))).OOMKilled).toBe(true);
  });

  it('is looked up although Docker says that it ended before it started', async () => {
    const asked: { since: number; until: number }[] = [];
    const daemon = daemonThatTells([], { remembers: ['start'], asked });
    const state = killed({ ExitCode: 143, FinishedAt: '2026-11-24T19:59:59.900000000Z' });
    expect(await explain(daemon, state)).toMatchObject({ ExitCode: 143 });
    for (const { since, until } of asked) expect(since).toBeLessThanOrEqual(until);
    expect(asked.length).toBeGreaterThan(0);
  });

  it('was stopped through Docker when the events say that', async () => {
    const daemon = daemonThatTells(['{"Action":"kill"}\n'], { remembers: ['start'] });
    const answer = explain(daemon, killed({ ExitCode: 143 }));
    await expect(answer).rejects.toThrow('was stopped through Docker while it ran');
  });

  it('killed itself when the daemon remembers its start and nothing else', async () => {
    const daemon = daemonThatTells([], { remembers: ['start'] });
    const state = await explain(daemon, killed({ ExitCode: 137 }));
    expect(state).toMatchObject({ ExitCode: 137, OOMKilled: false });
  });

  it('was ended by a daemon that has started since', async () => {
    const answer = explain(daemonThatTells([]), killed({ ExitCode: 143 }));
    await expect(answer).rejects.toThrow('daemon restarted while step hungry ran, and ended its container');
  });

  it('was ended by a daemon that has started since and noted that as a kill of its own', async () => {
    const answer = explain(daemonThatTells(['{"Action":"kill"}\n']), killed({ ExitCode: 137 }));
    await expect(answer).rejects.toThrow('daemon restarted while step hungry ran, and ended its container');
  });

  it.each([
    ['the daemon has had too much to remember', { others: 256 }],
    ['the daemon keeps containers when it restarts', { liveRestore: true }],
  ])('may have killed itself when %s', async (_why, more) => {
    const state = await explain(daemonThatTells([], more), killed({ ExitCode: 143 }));
    expect(state).toMatchObject({ ExitCode: 143 });
  });

  it('is not asked about when its code is no signal of a stop', async () => {
    const silent = asDaemon(() => Promise.reject(new Error('nobody should ask')));
    expect(await explain(silent, killed({ ExitCode: 139 }))).toMatchObject({
      ExitCode: 139,
    });
  });
});

interface Memory {
  /** Of the container, beside what ended it. */
  remembers?: string[];
  /** Events of others. */
  others?: number;
  liveRestore?: boolean;
  /** Its state tells of the kill only when it is looked at again. */
  learnsLate?: boolean;
  /** The times that the events are asked for. */
  asked?: { since: number; until: number }[];
}

/** Tells the chunks when it is asked what ended the container. */
function daemonThatTells(
  chunks: string[],
  { remembers = [], others = 0, liveRestore = false, learnsLate = false, asked = [] }: Memory = {},
): Daemon {
  const docker = new Docker();
  const lines = (actions: string[]) => actions.map((action) => `${JSON.stringify({ Action: action })}\n`);
  const all = [...lines(remembers), ...lines(Array.from({ length: others }, () => 'create'))];
  docker.getEvents = (options) => {
    const { since, until } = eventTimes.parse(options);
    asked.push({ since, until });
    const isOf = (action: string) => JSON.stringify(options).includes(`"${action}"`);
    return Promise.resolve(
      Readable.from(isOf('kill') ? chunks : isOf('start') ? lines(remembers.filter(isOf)) : all),
    );
  };
  docker.info = () =>
    Promise.resolve({ LiveRestoreEnabled: liveRestore, SystemTime: '2026-11-24T20:00:02.000000000Z' });
  const container = docker.getContainer('c1');
  const details = { Id: 'c1', State: killed({ ExitCode: 137, OOMKilled: learnsLate }), Config: {} };
  docker.getContainer = () => Object.assign(container, { inspect: () => Promise.resolve(details) });
  return asDaemon((_what, _limitMs, run) => run(docker, new AbortController().signal));
}

const eventTimes = z.object({ since: z.number(), until: z.number() });

function asDaemon(call: Daemon['call']): Daemon {
  const engine = { name: 'Docker' as const, version: '20.10.24', architecture: 'amd64' };
  return { name: 'Docker', engine: async () => engine, call };
}

function killed(change: Partial<ContainerState>): ContainerState {
  return {
    Status: 'exited',
    Running: false,
    Paused: false,
    Restarting: false,
    OOMKilled: false,
    Dead: false,
    ExitCode: 0,
    Error: '',
    StartedAt: '2026-11-24T20:00:00.000000000Z',
    FinishedAt: '2026-11-24T20:00:01.000000000Z',
    ...change,
  };
}
