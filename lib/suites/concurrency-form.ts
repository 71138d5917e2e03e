import type { Concurrency } from '../model/concurrency';
import { fields, flag, type Reader, text, whole } from './readers';

const form = fields({
  group: text('the name of a group of executions', undefined, 100),
  max: whole('a number of executions', 1, 1_000),
  cancel_running: flag,
});

/** A suite that names no group is one of its own. */
export type ReadConcurrency = Omit<Concurrency, 'group'> & { group: string | null };

export const concurrency: Reader<ReadConcurrency> = (value, place) => {
  const read = form(value, place);
  return read && { group: read.group, max: read.max ?? 1, cancelRunning: read.cancel_running ?? false };
};
