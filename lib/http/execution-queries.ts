import { z } from 'zod';
import type { ZodOpenApiOverrideMetaContext } from 'zod-openapi';
import { logStream } from '../model/log-line';
import type { ExecutionStatus } from '../model/status';
import { executionStatus } from '../model/status-schema';
import type { ExecutionFilter, LogFilter } from '../store/store';

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'expected a whole number')
  .transform(Number);

/** The largest number of an item, of an attempt, of anything that PostgreSQL counts in an `integer`. */
export const maxCount = 2_147_483_647;

const count = wholeNumber
  .refine((value) => value <= maxCount, `expected at most ${maxCount}`)
  .meta(asInteger({ minimum: 0, maximum: maxCount }));

/** PostgreSQL has no year 0, and nothing here is older than this century or of a later one than the next. */
const time = z.iso
  .datetime({ offset: true })
  .refine((text) => /^2[01]\d\d-/.test(text), 'expected a time of the years 2000 to 2199');

export const pageLimit = (most: number) =>
  wholeNumber
    .refine((value) => value >= 1 && value <= most, `expected 1 to ${most}`)
    .meta(asInteger({ minimum: 1, maximum: most }))
    .optional();

export const pageCursor = z.string().max(500).optional().describe('The `nextCursor` of the page before.');

const statuses = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(executionStatus))
  .describe(`One, or several with commas between them: ${executionStatus.options.join(', ')}.`);

/** Each is looked for in every execution. */
const maxWords = 8;
const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean);

export const listQuery = z.strictObject({
  suite: z.string().max(200).optional(),
  status: statuses.optional(),
  label: z
    .string()
    .regex(/^[^:]+:.*$/, 'expected key:value')
    .optional()
    .describe('`key:value`'),
  profile: z.string().max(200).optional(),
  author: z.string().max(200).optional().describe('The name of who launched it, as in `author`.'),
  branch: z.string().max(255).optional().describe('The value of the label `branch`.'),
  q: z
    .string()
    .max(200)
    .refine(
      (text) => wordsOf(text).length <= maxWords,
      `expected at most ${maxWords} words, with spaces between them`,
    )
    .optional()
    .describe(
      'Up to 8 words, each of which is in the id, suite, profile, backend, author, labels (as `key:value` and `key=value`) or cause, in whatever case. With `q`, `profile` or `author` a page looks through 20,000 executions at the most: it may be short, and `nextCursor` goes on.',
    ),
  createdAfter: time.optional(),
  createdBefore: time.optional(),
  rerunOf: z.string().max(100).optional().describe('The id of the execution that they repeat.'),
  limit: pageLimit(200),
  cursor: pageCursor,
});

export function executionFilter(query: z.infer<typeof listQuery>): ExecutionFilter {
  const filter: ExecutionFilter = {};
  if (query.suite) filter.suiteId = query.suite;
  if (query.status) filter.status = query.status satisfies ExecutionStatus[];
  if (query.profile) filter.profile = query.profile;
  if (query.author) filter.author = query.author;
  if (query.branch) filter.branch = query.branch;
  const words = wordsOf(query.q ?? '');
  if (words.length > 0) filter.words = words;
  if (query.createdAfter) filter.createdAfter = query.createdAfter;
  if (query.createdBefore) filter.createdBefore = query.createdBefore;
  if (query.rerunOf) filter.rerunOf = query.rerunOf;
  if (query.label) {
    const colon = query.label.indexOf(':');
    filter.label = { key: query.label.slice(0, colon), value: query.label.slice(colon + 1) };
  }
  return filter;
}

/** EventSource sends `Last-Event-ID` when it comes back. */
const after = count.optional().describe('The number of the last item that was seen.');

export const eventsQuery = z.strictObject({ after, limit: pageLimit(5_000) });

export const logsQuery = z.strictObject({
  after,
  limit: pageLimit(5_000),
  step: z.string().max(300).optional().describe('The id of a step.'),
  attempt: count.optional(),
  row: count
    .optional()
    .describe(
      'For a page as JSON, with `step`: the first line of it, counted from 1 among those of the step.',
    ),
  around: count
    .optional()
    .describe('For a page as JSON, with `step`: the number of a line that stands in its middle.'),
  stream: logStream.optional(),
  q: z.string().min(1).max(500).optional().describe('Lines that contain this text, in whatever case.'),
  pattern: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Lines that match this regular expression in RE2 syntax, in whatever case unless it begins with `(?-i)`. With `q`: lines that pass both. Of a very long line only the beginning is looked at: twenty million characters divided by the number of steps of the pattern, of which there are at most 1,000. There `$` and `\\b` do not match.',
    ),
  batch: z.enum(['0', '1']).optional().describe('`1`: an item of the stream is a list of lines.'),
  unfinished: z
    .enum(['0', '1'])
    .optional()
    .describe(
      '`1`: the stream also says, as `event: unfinished` without an id, what is printed and has no line end yet: always all of it.',
    ),
  format: z.literal('text').optional().describe('As `Accept: text/plain`, for a link in a page.'),
});

/** Whether the pattern is one, the store says. */
export function logFilter(query: z.infer<typeof logsQuery>): LogFilter {
  const filter: LogFilter = {};
  if (query.step) filter.stepId = query.step;
  if (query.attempt) filter.attempt = query.attempt;
  if (query.stream) filter.stream = query.stream;
  if (query.q) filter.q = query.q;
  if (query.pattern) filter.pattern = query.pattern;
  return filter;
}

/** A query can only say text: the OpenAPI document tells what it means. */
function asInteger(limits: { minimum: number; maximum?: number }) {
  return {
    override({ jsonSchema }: ZodOpenApiOverrideMetaContext) {
      delete jsonSchema.pattern;
      Object.assign(jsonSchema, { type: 'integer', ...limits });
    },
  };
}

export const cancelQuery = z.strictObject({
  force: z.enum(['0', '1']).optional().describe('`1`: steps that always run end, too.'),
});
