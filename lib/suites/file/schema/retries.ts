import { z } from 'zod';
import { levels } from './level';
import { duration } from './quantities';
import { wholeNumber } from './text';

const defaultBackoff = '1s';
const maxRetries = wholeNumber('a number of retries', 0, 100);

export const longRetries = z
  .strictObject({
    max: maxRetries.meta({ description: 'Attempts after the first one.', examples: [2] }),
    backoff: duration(0)
      .prefault(defaultBackoff)
      .meta({
        description: 'The pause before the second attempt. It doubles each time, up to 1m.',
        examples: ['500ms'],
      }),
  })
  .register(levels, { level: 'retries' });

/** Describes `2` or `{max: 2, backoff: 1s}`. */
export const retries = z
  .union(
    [maxRetries.transform((max) => longRetries.parse({ max })), longRetries],
    'expected a number of retries or {max, backoff}',
  )
  .transform(({ max, backoff }) => ({ max, backoffMs: backoff }))
  .meta({
    id: 'retries',
    description:
      'More attempts after a bad end, up to 100: a number, or `{ max, backoff }`. The pause before the next attempt doubles each time, from `backoff` (1s) to 1m.',
    examples: [2, { max: 2, backoff: '1s' }],
  });
