import type { ReadyProbe, ReadyRule } from '../model/node';
import { logRule } from './log-rule-form';
import { describe } from './place';
import { duration } from './quantities';
import { fields, flag, list, type Reader, text, whole } from './readers';
import { argv } from './run-form';
import { PlainScalar } from './yaml-schema';

const kinds = ['tcp', 'http', 'exec', 'log', 'healthcheck'] as const;
const defaultIntervalMs = 250;
const defaultTimeoutMs = 60_000;

export const port = whole('a port', 1, 65_535);
const status = list(whole('an HTTP status', 100, 599), { orOne: true, min: 1 });
const path = text('a path that begins with "/"', (value) => /^\/[^\s#]*$/.test(value));
const longHttp = fields({ port, path, status }, { required: ['port'] });

const tcp: Reader<ReadyProbe> = (value, place) => {
  const number = port(value, place);
  return number === null ? null : { type: 'tcp', port: number };
};

/** `8080`, `"8080/health"` or `{port, path, status}`. Without a status any below 400 will do. */
const http: Reader<ReadyProbe> = (value, place) => {
  if (value instanceof PlainScalar) {
    const number = port(value, place);
    return number === null ? null : { type: 'http', port: number, path: '/', status: null };
  }
  if (typeof value === 'string') {
    const match = /^(\d{1,5})(\/[^\s#]*)$/.exec(value);
    const number = Number(match?.[1] ?? 0);
    if (match?.[2] && number >= 1 && number <= 65_535) {
      return { type: 'http', port: number, path: match[2], status: null };
    }
    place.complain(`expected a port and a path such as "8080/health", found ${describe(value)}`);
    return null;
  }
  const long = longHttp(value, place);
  if (!long || long.port === null) return null;
  return { type: 'http', port: long.port, path: long.path ?? '/', status: long.status };
};

const exec: Reader<ReadyProbe> = (value, place) => {
  const command = argv(value, place);
  return command && { type: 'exec', argv: command };
};

const log: Reader<ReadyProbe> = (value, place) => {
  const rule = logRule(value, place);
  return rule && { type: 'log', rule };
};

const healthcheck: Reader<ReadyProbe> = (value, place) => {
  const wanted = flag(value, place);
  if (wanted === false) place.complain('expected true, found false; leave "ready" out instead');
  return wanted ? { type: 'healthcheck' } : null;
};

const form = fields({ tcp, http, exec, log, healthcheck, interval: duration(20), timeout: duration() });

/** Exactly one of the five probes, beside it `interval` (250ms) and `timeout` (60s). */
export const readyRule: Reader<ReadyRule> = (value, place) => {
  const read = form(value, place);
  if (!read) return null;
  const given = kinds.filter(
    (kind) => value !== null && typeof value === 'object' && Object.hasOwn(value, kind),
  );
  if (given.length !== 1) {
    place.complain(
      `expected one of ${kinds.join(', ')}, found ${given.length === 0 ? 'none' : given.join(' and ')}`,
    );
    return null;
  }
  const probe = given[0] ? read[given[0]] : null;
  return (
    probe && {
      probe,
      intervalMs: read.interval ?? defaultIntervalMs,
      timeoutMs: read.timeout ?? defaultTimeoutMs,
    }
  );
};

/** A service that declares ports and no probe is ready when the first one is open; one without is when it runs. */
export function defaultReady(ports: readonly number[]): ReadyRule | null {
  const first = ports[0];
  if (first === undefined) return null;
  return {
    probe: { type: 'tcp', port: first },
    intervalMs: defaultIntervalMs,
    timeoutMs: defaultTimeoutMs,
  };
}
