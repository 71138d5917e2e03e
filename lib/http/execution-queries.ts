import { z } from 'zod';
import { logStream } from '../model/log-line';
import { type ExecutionStatus, executionStatus } from '../model/status';
import type { ExecutionFilter, LogFilter } from '../store/store';

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'expected a whole number')
  .transform(Number);

export const pageLimit = (most: number) =>
  wholeNumber.refine((value) => value >= 1 && value <= most, `expected 1 to ${most}`).optional();

const statuses = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(executionStatus));

/** `?suite=&status=failed,errored&label=key:value&createdAfter=&createdBefore=&rerunOf=&limit=&cursor=` */
export const listQuery = z.strictObject({
  suite: z.string().max(200).optional(),
  status: statuses.optional(),
  label: z
    .string()
    .regex(/^[^:]+:.*$/, 'expected key:value')
    .optional(),
  createdAfter: z.iso.datetime({ offset: true }).optional(),
  createdBefore: z.iso.datetime({ offset: true }).optional(),
  rerunOf: z.string().max(100).optional(),
  limit: pageLimit(200),
  cursor: z.string().max(500).optional(),
});

export function executionFilter(query: z.infer<typeof listQuery>): ExecutionFilter {
  const filter: ExecutionFilter = {};
  if (query.suite) filter.suiteId = query.suite;
  if (query.status) filter.status = query.status satisfies ExecutionStatus[];
  if (query.createdAfter) filter.createdAfter = query.createdAfter;
  if (query.createdBefore) filter.createdBefore = query.createdBefore;
  if (query.rerunOf) filter.rerunOf = query.rerunOf;
  if (query.label) {
    const colon = query.label.indexOf(':');
    filter.label = { key: query.label.slice(0, colon), value: query.label.slice(colon + 1) };
  }
  return filter;
}

/** A place in a stream: `?after=`; EventSource sends `Last-Event-ID` when it comes back. */
export const eventsQuery = z.strictObject({ after: wholeNumber.optional(), limit: pageLimit(5_000) });

export const logsQuery = z.strictObject({
  after: wholeNumber.optional(),
  limit: pageLimit(5_000),
  step: z.string().max(300).optional(),
  attempt: wholeNumber.optional(),
  stream: logStream.optional(),
  q: z.string().min(1).max(500).optional(),
  batch: z.enum(['0', '1']).optional(),
  /** As `Accept: text/plain`, for a link in a page. */
  format: z.literal('text').optional(),
});

export function logFilter(query: z.infer<typeof logsQuery>): LogFilter {
  const filter: LogFilter = {};
  if (query.step) filter.stepId = query.step;
  if (query.attempt) filter.attempt = query.attempt;
  if (query.stream) filter.stream = query.stream;
  if (query.q) filter.q = query.q;
  return filter;
}
