import { listAt, type Mapping, mappingAt, textAt } from '../syntax/places';
import { parseGoDuration } from '../syntax/quantities';
import type { ServiceReport } from './report';

const defaultInterval = 30e9;
const minTimeout = 60e9;
/** How long a service may take to open its port: Compose has no limit. */
const portTimeout = '5m';

/**
 * Makes the `ready` of a service. Where another service waits for its health, or nothing waits for it, its health check
 * counts, which Gantry runs itself; else its first port must open, and without one it is ready when it runs.
 */
export function readinessOf(
  service: Mapping,
  {
    ports,
    conditions,
    report,
  }: { ports: readonly number[]; conditions: ReadonlySet<string>; report: ServiceReport },
): Mapping | null {
  const check = mappingAt(service, 'healthcheck');
  const test = listAt(check, 'test').map(String);
  const isOff = check.disable === true || test[0] === 'NONE';
  const isAwaited = conditions.has('service_healthy');
  if (isAwaited && isOff) {
    report.problem(
      ['healthcheck'],
      'another service waits for its health, and it has no health check; take "disable" away',
    );
    return null;
  }
  const [port] = ports;
  const byPort = port === undefined ? null : { tcp: port, timeout: portTimeout };
  if (isOff || (!isAwaited && conditions.size > 0)) return byPort;
  if (test.length === 0) return isAwaited ? { healthcheck: true, timeout: portTimeout } : byPort;
  const exec = execOf(test);
  if (exec === null) {
    report.problem(
      ['healthcheck', 'test'],
      `expected a test that begins with CMD, CMD-SHELL or NONE, found ${JSON.stringify(test[0])}`,
    );
    return byPort;
  }
  return { exec, ...timesOf(check, report) };
}

function execOf([kind, ...rest]: readonly string[]): string | string[] | null {
  if (kind === 'CMD-SHELL') return rest.join(' ');
  return kind === 'CMD' && rest.length > 0 ? [...rest] : null;
}

/** As long as the engine would need to call it unhealthy, and at least a minute. */
function timesOf(check: Mapping, report: ServiceReport): Mapping {
  const given = (key: string) => parseGoDuration(textAt(check, key) ?? '');
  const interval = given('start_interval') || given('interval');
  const retries = typeof check.retries === 'number' && check.retries > 0 ? check.retries : 3;
  const timeout = given('timeout') || 30e9;
  const whole = (given('start_period') ?? 0) + retries * ((given('interval') || defaultInterval) + timeout);
  if (check.start_interval !== undefined) {
    report.notice(
      ['healthcheck', 'start_interval'],
      'Docker before 25 has no start_interval; Gantry runs the check itself, on every engine',
    );
  }
  return {
    ...(interval ? { interval: durationText(Math.max(interval, 20e6)) } : {}),
    timeout: durationText(Math.max(whole, minTimeout)),
  };
}

/** Writes nanoseconds as a suite does. */
export function durationText(nanoseconds: number): string {
  const ms = Math.round(nanoseconds / 1e6);
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
