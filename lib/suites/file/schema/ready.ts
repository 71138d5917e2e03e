import { z } from 'zod';
import type { ReadyProbe, ReadyRule } from '../../../model/node';
import { command } from './command';
import { levels } from './level';
import { oneOrMore } from './lists';
import { logProbe } from './log-rule';
import { duration } from './quantities';
import { text, wholeNumber } from './text';

const portForm = '(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';
const expectedPort = 'expected a port from 1 to 65535';

export const port = z
  .int({
    // `8080:80` of Compose.
    error: ({ input }) =>
      typeof input === 'string' && /^[\d.:-]+:\d+(?:\/\w+)?$/.test(input)
        ? 'expected the port in the container alone, for nothing is published on the host'
        : expectedPort,
  })
  .min(1)
  .max(65_535)
  .meta({ id: 'port', examples: [8080] });

const longHttp = z.strictObject({
  port: port.meta({ description: "One of the step's `ports`." }),
  path: text('a path that begins with "/"', { pattern: /^\/[^\s#]*$/ })
    .default('/')
    .meta({ description: 'The path to request.', examples: ['/healthz'] }),
  status: oneOrMore(wholeNumber('an HTTP status', 100, 599), { min: 1 })
    .optional()
    .meta({
      description: 'The statuses that count as ready.',
      examples: [204, [200, 204]],
      whenAbsent: 'any below 400',
    }),
});

const http = z.union(
  [
    port.transform((number): ReadyProbe => ({ type: 'http', port: number, path: '/', status: null })),
    z
      .string()
      .regex(new RegExp(`^${portForm}/[^\\s#]*$`), 'expected a port and a path such as "8080/health"')
      .transform((source): ReadyProbe => {
        const slash = source.indexOf('/');
        return {
          type: 'http',
          port: Number(source.slice(0, slash)),
          path: source.slice(slash),
          status: null,
        };
      }),
    longHttp.transform(
      ({ status, ...rest }): ReadyProbe => ({ type: 'http', ...rest, status: status ?? null }),
    ),
  ],
  'expected a port, a port and a path such as "8080/health", or {port, path, status}',
);

/** The keys of `ready` that name a probe. */
export const probeKeys = ['tcp', 'http', 'exec', 'log', 'healthcheck'] as const;

const probes = {
  tcp: port
    .transform((number): ReadyProbe => ({ type: 'tcp', port: number }))
    .optional()
    .meta({ description: "Ready when one of the step's `ports` takes a connection.", examples: [5432] }),
  http: http.optional().meta({
    description: "Ready when a GET on one of the step's `ports` is answered with a good status.",
    examples: ['8080/healthz', 8080, { port: 8080, path: '/healthz', status: [200, 204] }],
  }),
  exec: command
    .transform((argv): ReadyProbe => ({ type: 'exec', argv }))
    .optional()
    .meta({
      description: 'Ready when this command ends with 0 inside the step. A text runs in `sh -c`.',
      examples: [['pg_isready'], 'test -f /tmp/up'],
    }),
  log: logProbe
    .transform((probe): ReadyProbe => ({ type: 'log', ...probe }))
    .optional()
    .meta({
      description: 'Ready when a line of output matches this log rule, or as many lines as its `count` says.',
      examples: ['listening on', { text: 'accepts connections', count: 2 }],
      see: 'Log rules',
    }),
  healthcheck: z
    .boolean()
    .refine((value) => value, {
      error: 'expected true',
      params: { found: 'false; leave "ready" out instead' },
    })
    .transform((): ReadyProbe => ({ type: 'healthcheck' }))
    .optional()
    .meta({
      description: 'Ready when the health check of the step, else that of its image, says healthy.',
      examples: [true],
      const: true,
    }),
};

/**
 * Describes when a service is ready: one probe or several, which must all hold, and how often and how long to try.
 * With times only, they apply to the default probe.
 */
export const ready = z
  .strictObject({
    ...probes,
    // Optional without a default: an empty mapping has no keys then.
    for: duration(0)
      .optional()
      .meta({
        description: 'How long all probes must hold without a break.',
        examples: ['2s'],
        whenAbsent: '`0s`',
      }),
    interval: duration(20)
      .optional()
      .meta({
        description:
          'The longest pause between two probes, at least 20ms. The first ones follow sooner, from 10ms on.',
        examples: ['1s'],
        whenAbsent: '`250ms`',
      }),
    timeout: duration()
      .optional()
      .meta({
        description: 'The step fails when it is not ready after this time.',
        examples: ['90s'],
        whenAbsent: '`60s`',
      }),
  })
  .refine((keys) => Object.keys(keys).length > 0, {
    error: 'expected a probe or a time',
    params: { found: 'none' },
    // Without it, the step would be refused for having no probe as well.
    abort: true,
  })
  .meta({ id: 'ready', minProperties: 1 })
  .register(levels, { level: 'ready' });

const defaultTimes = { forMs: 0, intervalMs: 250, timeoutMs: 60_000 };

export const readyRule = ready.transform(
  ({ tcp, http, exec, log, healthcheck, ...times }): ReadyRule => ({
    probes: [tcp, http, exec, log, healthcheck].filter((probe) => probe !== undefined),
    forMs: times.for ?? defaultTimes.forMs,
    intervalMs: times.interval ?? defaultTimes.intervalMs,
    timeoutMs: times.timeout ?? defaultTimes.timeoutMs,
  }),
);

/**
 * Requires that a step whose `ready` names only times has a default probe for them. `meta` says the same in the JSON
 * Schema: `z.strictObject({…}).check(defaultProbeForTimes.check).meta(defaultProbeForTimes.meta)`.
 */
export const defaultProbeForTimes = {
  check({
    value,
    issues,
  }: z.core.ParsePayload<{ ready?: ReadyRule; ports?: readonly number[]; healthcheck?: unknown }>): void {
    // Where a key is wrong, its value is not what the type says.
    if (issues.length > 0) return;
    const { ready, ports = [], healthcheck } = value;
    if (!ready || ready.probes.length > 0 || ports.length > 0 || healthcheck !== undefined) return;
    const message = `expected at least one of ${probeKeys.join(', ')}, or "ports" or "healthcheck" of the step`;
    issues.push({ code: 'custom', input: value, path: ['ready'], message, params: { found: 'none' } });
  },
  meta: {
    if: {
      required: ['ready'],
      properties: {
        ready: { type: 'object', not: { anyOf: probeKeys.map((key) => ({ required: [key] })) } },
      },
    },
    // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema.
    then: {
      anyOf: [
        {
          required: ['ports'],
          properties: { ports: { description: 'At least one.', not: { type: 'array', maxItems: 0 } } },
        },
        { required: ['healthcheck'] },
      ],
    },
  },
};

/**
 * Makes the rule of a service whose `ready` names no probe, or that has none: its own health check passes, else its first
 * port opens. Null without either: it is ready when it runs.
 */
export function readyOf(
  given: ReadyRule | undefined,
  [first]: readonly number[],
  hasHealthCheck: boolean,
): ReadyRule | null {
  if (given && given.probes.length > 0) return given;
  const probe = defaultProbe(first, hasHealthCheck);
  if (!probe) return null;
  return { ...defaultTimes, ...given, probes: [probe] };
}

function defaultProbe(port: number | undefined, hasHealthCheck: boolean): ReadyProbe | null {
  if (hasHealthCheck) return { type: 'healthcheck' };
  return port === undefined ? null : { type: 'tcp', port };
}
