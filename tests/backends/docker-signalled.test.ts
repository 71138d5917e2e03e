import { Readable } from 'node:stream';
import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import type { Daemon } from '@/lib/backends/docker/daemon';
import type { ContainerState } from '@/lib/backends/docker/exit';
import { explainSignal } from '@/lib/backends/docker/signalled';

const step = { stepId: 'hungry' };

describe('A container that a signal ended', () => {
  it('has run out of memory when only the events say so, in an order that no test can force on Docker', async () => {
    const state = await explainSignal(
      daemonThatTells(['{"Action":"oom"}\n']),
      'c1',
      killed({ ExitCode: 137 }),
      step,
    );
    expect(state.OOMKilled).toBe(true);
  });

  it('has run out of memory when the runtime kills what is left of it afterwards', async () => {
    const lines = ['{"Action":"oom"}\n{"Action":', '"kill"}\n'];
    const state = await explainSignal(daemonThatTells(lines), 'c1', killed({ ExitCode: 137 }), step);
    expect(state.OOMKilled).toBe(true);
  });

  it('was stopped through Docker when the events say that', async () => {
    const answer = explainSignal(
      daemonThatTells(['{"Action":"kill"}\n']),
      'c1',
      killed({ ExitCode: 143 }),
      step,
    );
    await expect(answer).rejects.toThrow('was stopped through Docker while it ran');
  });

  it('killed itself when the daemon remembers its start and nothing else', async () => {
    const daemon = daemonThatTells([], { remembers: ['start'] });
    const state = await explainSignal(daemon, 'c1', killed({ ExitCode: 137 }), step);
    expect(state).toMatchObject({ ExitCode: 137, OOMKilled: false });
  });

  it('was ended by a daemon that has started since', async () => {
    const answer = explainSignal(daemonThatTells([]), 'c1', killed({ ExitCode: 143 }), step);
    await expect(answer).rejects.toThrow('daemon restarted while step hungry ran, and ended its container');
  });

  it.each([
    ['the daemon has had too much to remember', { others: 256 }],
    ['the daemon keeps containers when it restarts', { liveRestore: true }],
  ])('may have killed itself when %s', async (_why, more) => {
    const state = await explainSignal(daemonThatTells([], more), 'c1', killed({ ExitCode: 143 }), step);
    expect(state).toMatchObject({ ExitCode: 143 });
  });

  it('is not asked about when its code is no signal of a stop', async () => {
    const silent: Daemon = { call: () => Promise.reject(new Error('nobody should ask')) };
    expect(await explainSignal(silent, 'c1', killed({ ExitCode: 139 }), step)).toMatchObject({
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
}

/** Tells the chunks when it is asked what ended the container. */
function daemonThatTells(
  chunks: string[],
  { remembers = [], others = 0, liveRestore = false }: Memory = {},
): Daemon {
  const docker = new Docker();
  const lines = (actions: string[]) => actions.map((action) => `${JSON.stringify({ Action: action })}\n`);
  const all = [...lines(remembers), ...lines(Array.from({ length: others }, () => 'create'))];
  docker.getEvents = (asked) => {
    const isOf = (action: string) => JSON.stringify(asked).includes(`"${action}"`);
    return Promise.resolve(
      Readable.from(isOf('kill') ? chunks : isOf('start') ? lines(remembers.filter(isOf)) : all),
    );
  };
  docker.info = () =>
    Promise.resolve({ LiveRestoreEnabled: liveRestore, SystemTime: '2026-11-24T20:00:02.000000000Z' });
  return { call: (_what, _limitMs, run) => run(docker, new AbortController().signal) };
}

function killed(change: Partial<ContainerState>): ContainerState {
  return {
    Status: 'exited',
    Running: false,
    Paused: false,
    Restarting: false,
    OOMKilled: false,
    Dead: false,
    Pid: 0,
    ExitCode: 0,
    Error: '',
    StartedAt: '2026-11-24T20:00:00.000000000Z',
    FinishedAt: '2026-11-24T20:00:01.000000000Z',
    ...change,
  };
}
