import { listAt, type Mapping, mappingAt, textAt } from '../syntax/places';
import { parseGoDuration } from '../syntax/quantities';
import type { ServiceReport } from './report';

const defaultInterval = 30e9;
const defaultTimeout = 30e9;
const minWhole = 60e9;
/** A suite knows no shorter time. */
const leastTime = 1e6;
/** More checks than that cannot be told from endless ones. */
const maxRetries = 1_000;
/** How long a service may take to open its port: Compose has no limit. */
const portTimeout = '5m';

/** The keys of a step that say when it is ready. */
type Readiness = { ready: Mapping; healthcheck?: Mapping };

/**
 * Makes the `ready` of a service. Where another service waits for its health, or nothing waits for it, its health check
 * counts, which becomes the step's own; else its first port must open, and without one it is ready when it runs.
 */
export function readinessOf(
  service: Mapping,
  {
    ports,
    conditions,
    report,
  }: { ports: readonly number[]; conditions: ReadonlySet<string>; report: ServiceReport },
): Readiness | null {
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
  const byPort = port === undefined ? null : { ready: { tcp: port, timeout: portTimeout } };
  if (isOff || (!isAwaited && conditions.size > 0)) return byPort;
  if (test.length === 0) return isAwaited ? { ready: { healthcheck: true, timeout: portTimeout } } : byPort;
  const command = commandOf(test);
  if (command === null) {
    report.problem(
      ['healthcheck', 'test'],
      `expected a test that begins with CMD, CMD-SHELL or NONE, found ${JSON.stringify(test[0])}`,
    );
    return byPort;
  }
  return byHealth(command, check, report);
}

function commandOf([kind, ...rest]: readonly string[]): string | string[] | null {
  if (kind === 'CMD-SHELL') return rest.join(' ');
  return kind === 'CMD' && rest.length > 0 ? [...rest] : null;
}

/**
 * With the engine's own times: a check that comes at once may hurt a program that is just starting. It may take as long
 * as the engine would need to call it unhealthy, and at least a minute.
 */
function byHealth(command: string | string[], check: Mapping, report: ServiceReport): Readiness {
  const given = (key: string) => parseGoDuration(textAt(check, key) ?? '') || 0;
  const interval = given('interval') || defaultInterval;
  const startPeriod = given('start_period');
  // A step's own check has one interval, so that this one lasts.
  const every = (startPeriod > 0 && given('start_interval')) || interval;
  const retries = typeof check.retries === 'number' && check.retries > 0 ? check.retries : 3;
  const timeout = given('timeout') || defaultTimeout;
  if (check.start_interval !== undefined) {
    report.notice(
      ['healthcheck', 'start_interval'],
      'Docker before 25 has no start_interval; here it is the interval of all checks, on every engine, where there is a start_period',
    );
  }
  return {
    healthcheck: {
      test: command,
      interval: durationText(Math.max(every, leastTime)),
      timeout: durationText(Math.max(timeout, leastTime)),
      retries: Math.min(retries, maxRetries),
      ...(startPeriod > 0 ? { start_period: durationText(startPeriod) } : {}),
    },
    ready: {
      healthcheck: true,
      timeout: durationText(Math.max(startPeriod + retries * (interval + timeout), minWhole)),
    },
  };
}

/** Writes nanoseconds as a suite does. */
export function durationText(nanoseconds: number): string {
  const ms = Math.round(nanoseconds / 1e6);
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
