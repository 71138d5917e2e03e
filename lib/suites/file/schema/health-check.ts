import { z } from 'zod';
import { command } from './command';
import { levels } from './level';
import { duration } from './quantities';
import { wholeNumber } from './text';

const defaultTimeout = '30s';

/** Reads the words of a Dockerfile too: `[CMD, pg_isready]` is `[pg_isready]`, `[CMD-SHELL, "a && b"]` is `a && b`. */
function plainCommand(argv: string[]): string[] {
  const [first, ...rest] = argv;
  if (rest.length === 0) return argv;
  if (first === 'CMD') return rest;
  return first === 'CMD-SHELL' ? ['sh', '-c', rest.join(' ')] : argv;
}

/** Describes the health check of a step's own, which takes the place of the image's. */
export const healthCheck = z
  .strictObject({
    test: command.transform(plainCommand).meta({
      description: 'The command, which ends with 0 while the step is healthy. A text runs in `sh -c`.',
      examples: [['pg_isready', '-U', 'app'], 'curl -f http://localhost/'],
    }),
    interval: duration()
      .prefault('1s')
      .meta({ description: 'The pause between two checks, and before the first one.', examples: ['5s'] }),
    timeout: duration()
      .prefault(defaultTimeout)
      .meta({ description: 'A check that takes longer has failed.', examples: ['5s'] }),
    retries: wholeNumber('a number of checks', 1, 1_000)
      .default(3)
      .meta({ description: 'How many checks in a row must fail for `unhealthy`.', examples: [5] }),
    start_period: duration(0)
      .prefault('0s')
      .meta({ description: 'Failures in this time after the start do not count.', examples: ['20s'] }),
  })
  .register(levels, { level: 'healthcheck' })
  .transform(({ test, interval, timeout, retries, start_period }) => ({
    argv: test,
    intervalMs: interval,
    timeoutMs: timeout,
    retries,
    startPeriodMs: start_period,
  }));
