import { z } from 'zod';
import { type Clock, withDeadline } from '../clock';
import { messageOf } from '../model/errors';
import type { BackendOption, LaunchSuite } from '../model/launch';
import type { Store } from '../store/store';

export const checkNames = [
  'datastore',
  'cache',
  'platform-settings',
  'profiles',
  'launchable-suites',
] as const;
export type CheckName = (typeof checkNames)[number];

export const checkResult = z.object({
  name: z.enum(checkNames),
  /** `degraded`: Gantry works without it. */
  status: z.enum(['ok', 'degraded', 'failed']),
  detail: z.string(),
  durationMs: z.int(),
});
export type CheckResult = z.infer<typeof checkResult>;

export const readiness = z.object({ status: z.enum(['ready', 'unready']), checks: z.array(checkResult) });

export interface ReadinessSources {
  clock: Clock;
  store: Store;
  backendOptions(): Promise<BackendOption[]>;
  launchSuites(): Promise<LaunchSuite[]>;
}

type Answer = Pick<CheckResult, 'status' | 'detail'>;

/** One readiness check; never rejects, answers within 5 s. */
export async function runCheck(sources: ReadinessSources, name: CheckName): Promise<CheckResult> {
  const startedMs = sources.clock.monotonicMs();
  const late: Answer = { status: 'failed', detail: 'no answer within 5 s' };
  const asked = checks[name](sources).catch(
    (error: unknown): Answer => ({ status: 'failed', detail: messageOf(error) }),
  );
  const answer = await withDeadline(sources.clock, 5_000, asked, late);
  return { name, ...answer, durationMs: Math.round(sources.clock.monotonicMs() - startedMs) };
}

/** Leases and schedules go by the database's clock, times of events by the control plane's. */
const clockLimitSeconds = 5;

/** The body of /readyz: ready when no check failed. */
export async function readinessResponse(
  sources: ReadinessSources,
  names: readonly CheckName[],
): Promise<Response> {
  const results = await Promise.all(names.map((name) => runCheck(sources, name)));
  const failed = results.some((result) => result.status === 'failed');
  const body: z.infer<typeof readiness> = { status: failed ? 'unready' : 'ready', checks: results };
  return Response.json(body, {
    status: failed ? 503 : 200,
    headers: { 'cache-control': 'no-store', ...(failed ? { 'retry-after': '5' } : {}) },
  });
}

const checks: Record<CheckName, (sources: ReadinessSources) => Promise<Answer>> = {
  async datastore({ store }) {
    const { clockAheadMs } = await store.ping();
    const seconds = Math.round(Math.abs(clockAheadMs) / 1_000);
    if (seconds < clockLimitSeconds) return { status: 'ok', detail: 'PostgreSQL answers' };
    const way = clockAheadMs > 0 ? 'ahead of' : 'behind';
    const detail = `PostgreSQL answers, and its clock is ${seconds} s ${way} this control plane's: set both by NTP`;
    return { status: 'degraded', detail };
  },
  async cache({ store }) {
    const carrier = store.notifier.transport();
    if (carrier) return { status: carrier.isUp ? 'ok' : 'degraded', detail: carrier.detail };
    return { status: 'ok', detail: 'no Redis is configured; PostgreSQL carries the wake-ups' };
  },
  async 'platform-settings'({ backendOptions }) {
    const options = await backendOptions();
    const available = options.filter((option) => option.available);
    if (available.length > 0) {
      return { status: 'ok', detail: `${available.map((option) => option.label).join(', ')} can run steps` };
    }
    const reasons = options.map((option) => `${option.label}: ${option.reason}`).join('; ');
    return {
      status: options.length > 0 ? 'degraded' : 'failed',
      detail: reasons || 'no backend is configured',
    };
  },
  async profiles({ store }) {
    const managed = await store.profiles.list(null);
    return { status: 'ok', detail: `the profile store answers; it holds ${managed.length} managed profiles` };
  },
  async 'launchable-suites'({ launchSuites }) {
    const suites = await launchSuites();
    if (suites.length > 0) return { status: 'ok', detail: `${suites.length} suites can be launched` };
    return { status: 'failed', detail: 'no suite is valid: see the suites page, or GANTRY_SUITES' };
  },
};
