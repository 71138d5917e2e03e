import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, DaemonSilence, openDaemon } from '@/lib/backends/docker/daemon';
import { watchExit } from '@/lib/backends/docker/exit';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { type Clock, systemClock } from '@/lib/clock';
import { describeWith } from '../support/requirements';
import { quietLogger } from './docker-harness';

describeWith('docker', 'a Docker daemon that is slow to answer', () => {
  const docker = new Docker();
  let container: Docker.Container;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => {} });
    container = await docker.createContainer({ Image: toolboxImage, Entrypoint: ['sh', '-c', 'exit 4'] });
    await container.start();
    await container.wait();
  });
  afterAll(() => container?.remove({ force: true }));

  /** The real one, but of the first calls of each kind it answers none. */
  function slow(unanswered: Map<string, number>): Daemon {
    const real = openDaemon({ clock: systemClock });
    return {
      name: real.name,
      engine: real.engine,
      call(what, limitMs, run) {
        const kind = what.split(' ')[0] ?? '';
        const left = unanswered.get(kind) ?? 0;
        unanswered.set(kind, left - 1);
        if (left <= 0) return real.call(what, limitMs, run);
        if (limitMs === Number.POSITIVE_INFINITY) return new Promise(() => undefined);
        return Promise.reject(new DaemonSilence('Docker', what, limitMs));
      },
    };
  }

  test('is not taken for one that has restarted: the container has ended by itself', async () => {
    const daemon = slow(
      new Map([
        ['wait', 1],
        ['look', 2],
      ]),
    );
    const signal = new AbortController().signal;
    const deps = { clock: systemClock, daemon, logger: quietLogger };
    const state = await watchExit(deps, container.id, 'a', signal);
    expect(state).toMatchObject({ Running: false, ExitCode: 4 });
  });

  /** Thirty times as fast as time is. */
  const hastyClock: Clock = {
    now: systemClock.now,
    monotonicMs: () => systemClock.monotonicMs() * 30,
    sleep: (ms, signal) => systemClock.sleep(ms / 30, signal),
  };

  test('has a minute to answer, where one that cannot be reached has ten seconds', async () => {
    // Asked every quarter of a second, it is silent for 12 s, and then for ever.
    const busy = { clock: hastyClock, daemon: slow(new Map([['look', 50]])), logger: quietLogger };
    const signal = new AbortController().signal;
    expect(await watchExit(busy, container.id, 'a', signal)).toMatchObject({ ExitCode: 4 });
    const startedMs = hastyClock.monotonicMs();
    const hanging = { ...busy, daemon: slow(new Map([['look', Number.POSITIVE_INFINITY]])) };
    await expect(watchExit(hanging, container.id, 'a', signal)).rejects.toThrow(
      'The Docker daemon has not answered for 60 s while step a ran',
    );
    expect(hastyClock.monotonicMs() - startedMs).toBeGreaterThan(60_000);
  });
});
