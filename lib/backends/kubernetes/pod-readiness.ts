import type { Clock } from '../../clock';
import type { ReadyRule } from '../../model/node';
import { type Answer, askUntilReady, type LogWatcher, type ProbeWatch, type Readiness } from '../readiness';
import type { Cluster } from './cluster';
import { containerOf, mainContainer } from './objects';
import { recentComplaint } from './pod-events';
import type { PodState } from './pod-state';

/** The kubelet asks once a second at most; its complaints are looked at as often. */
const complaintEveryMs = 1_000;

/** The kubelet probes, and its word counts; what it complains about goes into the transcript. */
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
  const ready = state
    .until((pod) => (containerOf(pod, mainContainer)?.ready ? ('ready' as const) : null))
    // Who waits for the end says why.
    .catch(() => new Promise<never>(() => {}));

  async function ask(signal: AbortSignal): Promise<Answer> {
    if (rule.probe.type === 'log') return askLog(signal);
    const answer = await Promise.race([
      ready,
      clock.sleep(Math.max(rule.intervalMs, complaintEveryMs), signal).then(() => null),
    ]);
    if (answer === 'ready') return { ready: true, text: 'the probe of the kubelet passed' };
    if (!signal.aborted && clock.monotonicMs() - askedAtMs >= complaintEveryMs) {
      askedAtMs = clock.monotonicMs();
      complaint = plain((await recentComplaint(context, state.pod())) ?? complaint);
    }
    return { ready: false, text: complaint };
  }

  async function askLog(signal: AbortSignal): Promise<Answer> {
    const stopped = clock.sleep(Number.POSITIVE_INFINITY, signal);
    const found = await Promise.race([log?.matched ?? stopped, stopped]);
    return typeof found === 'string'
      ? { ready: true, text: found }
      : { ready: false, text: 'no such line yet' };
  }

  return askUntilReady(context, rule, ask, watch);
}

/** `Unhealthy: Readiness probe failed: dial tcp 10.0.0.1:80: connect: connection refused` in fewer words. */
function plain(complaint: string): string {
  return complaint
    .replace(/^Unhealthy: Readiness probe (failed|errored): /, '')
    .replace(/^dial tcp \S+: connect: /, '')
    .replace(/^Get "[^"]*": /, '')
    .replace(/^HTTP probe failed with statuscode: /, 'status ');
}
