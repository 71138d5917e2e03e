import type { Backend } from '../backends/backend';
import type { Clock } from '../clock';
import type { Registration } from '../model/agent';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { AgentStatus } from './agent-status';
import type { ControlPlane } from './control-plane';
import type { Environments } from './environments';
import { ControlPlaneUnavailable } from './retry';

interface HeartbeatDependencies {
  clock: Clock;
  logger: Logger;
  plane: Pick<ControlPlane, 'heartbeat'>;
  backend: Pick<Backend, 'check'>;
  environments: Environments;
}

export interface Heartbeat {
  /** Tells the control plane that we are there until the signal ends. Rejects when it says that we are not. */
  run(signal: AbortSignal): Promise<void>;
  /** Whether Docker answered when it was last checked. */
  isHealthy(): boolean;
  clockAheadMs(): number;
}

/** Every so many heartbeats include what is on the machine. */
const inspectEvery = 3;
/** Smaller differences may be the latency of the request. */
const minClockErrorMs = 2_000;
const warnAfterMs = 60_000;

export function createHeartbeat(
  deps: HeartbeatDependencies,
  registration: Registration,
  {
    instance,
    stopping,
    isBusy,
    onStatus,
  }: {
    instance: string;
    stopping: AbortSignal;
    isBusy(executionId: string): boolean;
    onStatus(status: Omit<AgentStatus, 'jobs'>): void;
  },
): Heartbeat {
  const { clock, logger, plane, backend, environments } = deps;
  let problem: string | null = null;
  let aheadMs = 0;
  let wasWarned = false;
  compareClocks(registration.now);

  function compareClocks(now: string): void {
    const ahead = Date.parse(now) - clock.now().getTime();
    aheadMs = Math.abs(ahead) < minClockErrorMs ? 0 : ahead;
    if (Math.abs(ahead) < warnAfterMs || wasWarned) return;
    wasWarned = true;
    logger.warn(
      { seconds: Math.round(ahead / 1000) },
      "this machine's clock differs from the control plane's: lines get the control plane's time",
    );
  }

  async function inspect(): Promise<string[] | undefined> {
    const answer = await backend.check();
    const next = answer.available ? null : answer.reason;
    if (next !== null && next !== problem) logger.warn({ reason: next }, 'no step can run here now');
    if (next === null && problem !== null) logger.info({}, 'steps can run here again');
    problem = next;
    if (problem !== null) return undefined;
    return environments
      .list()
      .then((all) => all.map(({ executionId }) => executionId))
      .catch((error: unknown) => {
        logger.warn({ error: messageOf(error) }, 'what is on this machine could not be listed');
        return undefined;
      });
  }

  async function reap(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      if (isBusy(id)) continue;
      try {
        const receipt = await environments.close(id);
        logger.info({ execution: id, ...receipt }, 'what was left of an execution is removed');
      } catch (error) {
        logger.warn(
          { execution: id, error: messageOf(error) },
          'what was left of an execution is still there',
        );
      }
    }
  }

  async function beatOnce(withInspection: boolean): Promise<void> {
    const found = withInspection ? await inspect() : undefined;
    try {
      const answer = await plane.heartbeat({
        instance,
        problem,
        stopping: stopping.aborted,
        ...(found ? { environments: found } : {}),
      });
      compareClocks(answer.now);
      onStatus({ isConnected: true, problem });
      await reap(answer.reap);
    } catch (error) {
      if (!(error instanceof ControlPlaneUnavailable)) throw error;
      onStatus({ isConnected: false, problem: error.message });
      logger.warn({ error: error.message }, 'the control plane does not answer');
    }
  }

  return {
    isHealthy: () => problem === null,
    clockAheadMs: () => aheadMs,
    async run(signal) {
      for (let count = 0; !signal.aborted; count += 1) {
        const isReported = stopping.aborted;
        await beatOnce(count % inspectEvery === 0);
        // That it is to stop is told at once.
        const wakeUp = isReported ? signal : AbortSignal.any([signal, stopping]);
        await clock.sleep(registration.heartbeatMs, wakeUp);
      }
    },
  };
}
