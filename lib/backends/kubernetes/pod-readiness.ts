import type { Clock } from '../../clock';
import type { ReadyProbe, ReadyRule } from '../../model/node';
import type { LogWatcher } from '../log-watcher';
import type { Answer } from '../probes';
import { type ProbeWatch, pollUntilReady, type Readiness } from '../readiness';
import type { Cluster } from './cluster';
import { containerOf, mainContainer } from './objects';
import { recentWarning } from './pod-events';
import type { PodState } from './pod-state';

/** The kubelet asks once a second at most; its complaints are looked at as often. */
const complaintEveryMs = 1_000;

/** From a probe that the kubelet makes, once a second, to the news of its answer. */
const newsMs = 2_000;

/**
 * The kubelet probes, and its word counts, as long as it holds; what it complains about goes into the transcript. Where
 * the rule asks for a time without a break, that begins once no news of an earlier one can be on its way.
 */
export function untilPodReady(
  context: { clock: Clock; cluster: Cluster },
  rule: ReadyRule,
  state: PodState,
  log: LogWatcher | null,
  watch: ProbeWatch,
): Promise<Readiness> {
  const { clock } = context;
  let complaint = 'not asked yet';
  let askedAtMs = clock.monotonicMs();
  let readySinceMs: number | null = null;
  let wake = () => {};
  // Every news of the pod; who waits for its end says why there is no more.
  state
    .until<never>((pod) => {
      const isReady = containerOf(pod, mainContainer)?.ready ?? false;
      readySinceMs = isReady ? (readySinceMs ?? clock.monotonicMs()) : null;
      if (isReady) wake();
      return null;
    })
    .catch(() => undefined);

  function holds(): boolean {
    const sinceMs = readySinceMs;
    return sinceMs !== null && clock.monotonicMs() - sinceMs >= (rule.forMs > 0 ? newsMs : 0);
  }

  async function run(probe: ReadyProbe, signal: AbortSignal): Promise<Answer> {
    if (probe.type === 'log') {
      const line = log?.found(probe) ?? null;
      return line === null ? { ready: false, text: 'no such line yet' } : { ready: true, text: line };
    }
    if (!holds()) {
      const news = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([news, clock.sleep(Math.max(rule.intervalMs, complaintEveryMs), signal)]);
    }
    if (holds()) return { ready: true, text: 'the probe of the kubelet passed' };
    if (readySinceMs !== null) return { ready: false, text: 'the probe of the kubelet passed just now' };
    if (!signal.aborted && clock.monotonicMs() - askedAtMs >= complaintEveryMs) {
      askedAtMs = clock.monotonicMs();
      complaint = plain((await recentWarning(context, state.pod())) ?? complaint);
    }
    return { ready: false, text: complaint };
  }

  const changed = () => log?.nextMatch() ?? new Promise<never>(() => {});
  return pollUntilReady(context, rule, { run, changed }, watch);
}

/** `Unhealthy: Readiness probe failed: dial tcp 10.0.0.1:80: connect: connection refused` in fewer words. */
function plain(complaint: string): string {
  return complaint
    .replace(/^Unhealthy: Readiness probe (failed|errored): /, '')
    .replace(/^dial tcp \S+: connect: /, '')
    .replace(/^Get "[^"]*": /, '')
    .replace(/^HTTP probe failed with statuscode: /, 'status ');
}
