import type { Suite } from '../model/suite';
import { concurrency } from './concurrency-form';
import { describe, type Place } from './place';
import { duration } from './quantities';
import { fields, flag, mapping, type Reader, text } from './readers';
import { image, isDnsLabel, readResources, resources, retries, step } from './step-form';
import { env, headers } from './variables';

/** What `suite.yaml` alone says. */
export type SuiteFields = Omit<
  Suite,
  'id' | 'profiles' | 'dependencies' | 'lock' | 'packageDigest' | 'files'
> & { id: string | null };

/** A host name that is a number is taken for an address: `1` is 0.0.0.1. */
const looksLikeAnAddress = /^(?:\d+|0x[0-9a-f]+)$/;

const stepId = (id: string) =>
  isDnsLabel(id) && !looksLikeAnAddress.test(id)
    ? null
    : 'expected the id of a step: 1 to 63 lower-case letters, digits and "-", not first or last, and no mere number';

const steps: Reader<Suite['steps']> = (value, place) => {
  const read = mapping(stepId, step)(value, place);
  if (read && value !== null && typeof value === 'object' && Object.keys(value).length === 0) {
    place.complain('expected at least one step, found none');
  }
  return read && [...read].map(([id, rest]) => ({ id, ...rest }));
};

const defaults = fields({ timeout: duration(), image, env, headers, retries, resources });

const form = fields(
  {
    id: text('an id: 1 to 63 lower-case letters, digits and "-", not first or last', isDnsLabel),
    title: text('a title', undefined, 200),
    description: text('a description', undefined, 10_000),
    repository: text('a repository', undefined, 1_000),
    version: text('a version such as "1.2.0"', undefined, 100),
    fail_fast: flag,
    timeout: duration(),
    concurrency,
    defaults,
    steps,
  },
  { required: ['steps'] },
);

/** Reads the data of a `suite.yaml`. Null when it is not a mapping; what is wrong is said at `place`. */
export function readSuiteForm(value: unknown, place: Place, folderName: string): SuiteFields | null {
  if (value === null) {
    place.complain(`expected a suite with "steps", found ${describe(value)}`);
    return null;
  }
  const read = form(value, place);
  if (!read) return null;
  for (const step of read.steps ?? []) {
    if (step.kind !== 'suite' && step.command === null && step.image === null && !read.defaults?.image) {
      const given = typeof value === 'object' ? place.at('steps').at(step.id) : place;
      given.complainOfOwnKey('expected "run" or "image", found neither');
    }
  }
  return {
    id: read.id,
    title: read.title ?? read.id ?? folderName,
    description: read.description,
    repository: read.repository,
    version: read.version,
    failFast: read.fail_fast ?? false,
    timeoutMs: read.timeout,
    concurrency: read.concurrency && {
      ...read.concurrency,
      group: read.concurrency.group ?? read.id ?? folderName,
    },
    defaults: {
      timeoutMs: read.defaults?.timeout ?? null,
      image: read.defaults?.image ?? null,
      env: read.defaults?.env ?? {},
      headers: read.defaults?.headers ?? {},
      retries: read.defaults?.retries ?? null,
      resources: readResources(read.defaults?.resources ?? null),
    },
    steps: read.steps ?? [],
  };
}
