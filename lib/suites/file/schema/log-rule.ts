import { RE2JS } from 're2js';
import { z } from 'zod';
import { messageOf } from '../../../model/errors';
import type { LogRule } from '../../../model/node';
import { describe } from '../issue';
import { exactlyOneOf } from './choices';
import { text, wholeNumber } from './text';

/** A larger one is slow on each character. Counts in braces repeat what they count. */
const maxPatternSteps = 1_000;

const literal = text('text to look for');

const pattern = text('a pattern')
  .superRefine((source, { issues }) => refusePattern(source, issues))
  .meta({
    description: 'A pattern in RE2 syntax that a line must match.',
    examples: ['^connected to .*queue'],
  });

const short = literal
  .superRefine((source, { issues }) => {
    if (isSlashed(source)) refusePattern(source.slice(1, -1), issues);
  })
  .transform(
    (source): LogRule =>
      isSlashed(source)
        ? { text: null, pattern: source.slice(1, -1), stream: 'any' }
        : { text: source, pattern: null, stream: 'any' },
  );

const keys = {
  text: literal.optional().meta({
    description: 'A text that a line must contain.',
    examples: ['listening on'],
  }),
  pattern: pattern.optional(),
  stream: z
    .enum(['stdout', 'stderr', 'any'])
    .default('any')
    .meta({
      description: 'The stream to look at.',
      examples: ['stderr'],
    }),
};
const choice = exactlyOneOf(['text', 'pattern']);

export const longLogRule = z.strictObject(keys).check(choice.check).meta(choice.meta);

const long = longLogRule.transform(
  ({ text = null, pattern = null, stream }): LogRule => ({ text, pattern, stream }),
);

/** Describes a rule on lines of output: `"text"`, `"/pattern/"` in RE2 syntax, or `{text | pattern, stream}`. */
export const logRule = z.union([short, long], 'expected text, "/pattern/" or {text | pattern, stream}').meta({
  id: 'logRule',
  description: 'A text that a line must contain, `/pattern/` in RE2 syntax, or `{ text | pattern, stream }`.',
  examples: ['listening on', '/^FATAL: /', { pattern: '^connected', stream: 'stdout' }],
});

export const longLogProbe = z
  .strictObject({
    ...keys,
    count: wholeNumber('a number of lines', 1, 1_000_000)
      .default(1)
      .meta({
        description: 'The probe holds once so many lines have matched.',
        examples: [2],
      }),
  })
  .check(choice.check)
  .meta(choice.meta);

/** Describes the probe for lines of output: a rule as `logRule` has it, with a `count` in its long form. */
export const logProbe = z.union(
  [
    short.transform((rule) => ({ rule, count: 1 })),
    longLogProbe.transform(({ text = null, pattern = null, stream, count }) => ({
      rule: { text, pattern, stream },
      count,
    })),
  ],
  'expected text, "/pattern/" or {text | pattern, stream, count}',
);

function isSlashed(source: string): boolean {
  return source.length > 2 && source.startsWith('/') && source.endsWith('/');
}

function refusePattern(source: string, issues: z.core.$ZodRawIssue[]): void {
  const refuse = (message: string, found: string) =>
    issues.push({ code: 'custom', input: source, message, params: { found } });
  try {
    const steps = RE2JS.compile(source).programSize();
    if (steps > maxPatternSteps) {
      const message = `expected a pattern of at most ${maxPatternSteps} steps: use smaller counts in braces`;
      refuse(message, `${describe(source)} of ${steps} steps`);
    }
  } catch (error) {
    refuse('expected a pattern in RE2 syntax', `${describe(source)}: ${messageOf(error)}`);
  }
}
