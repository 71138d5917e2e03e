import type { Dependency, DependencyRef, LockedDependency } from '../model/dependency';
import { describe, type Place } from './place';
import { isProfileName } from './profile-form';
import { fields, mapping, type Reader, text } from './readers';
import { parseRef } from './ref-form';
import { isDnsLabel } from './step-form';
import { env } from './variables';

type Fields = Omit<Dependency, 'place' | 'profilePlace'>;

const refText = text('a ref such as payments:1.2.0');
const long = fields(
  {
    ref: refText,
    version: text('a version such as "1.2.0"', undefined, 100),
    profile: text('the name of a profile', isProfileName),
    inputs: env,
  },
  { required: ['ref'] },
);

const aliasComplaint = (name: string) =>
  isDnsLabel(name)
    ? null
    : 'expected an alias: 1 to 63 lower-case letters, digits and "-", not first or last';

const entry: Reader<Omit<Fields, 'alias'>> = (value, place) => {
  if (typeof value === 'string') {
    const ref = pinned(value, null, place, place);
    return ref && { ref, profile: null, inputs: {} };
  }
  const read = long(value, place);
  if (!read || read.ref === null) return null;
  const ref = pinned(read.ref, read.version, place.at('ref'), place.at('version'));
  return ref && { ref, profile: read.profile, inputs: read.inputs ?? {} };
};

function pinned(source: string, version: string | null, at: Place, versionAt: Place): DependencyRef | null {
  const parsed = parseRef(source, version);
  if ('ref' in parsed) return parsed.ref;
  const where = version !== null && parsed.complaint.startsWith('"latest"') ? versionAt : at;
  where.complain(
    `expected a pinned ref, found ${describe(version === null ? source : `${source} ${version}`)}: ${parsed.complaint}`,
  );
  return null;
}

const dependencies = mapping(aliasComplaint, entry);

/** Reads the data of `dependencies.yaml`: alias → `ref:version` or `{ref, version, profile, inputs}`. */
export function readDependencyForm(value: unknown, place: Place): Fields[] {
  const read = value === null || value === undefined ? null : dependencies(value, place);
  return [...(read ?? [])].map(([alias, rest]) => ({ alias, ...rest }));
}

const digest = text('a digest: sha256: and 64 hex digits', (each) => /^sha256:[0-9a-f]{64}$/.test(each));
const filePath = (name: string) =>
  name === '' || name.length > 1_000 ? 'expected the path of a file' : null;
const lockEntry = fields(
  {
    ref: refText,
    resolved: text('what it was resolved to'),
    digest,
    files: mapping(filePath, text('a hash', undefined, 64)),
  },
  { required: ['ref', 'digest'] },
);
const lock = mapping(aliasComplaint, lockEntry);

/** Reads the data of `dependencies.lock.yaml`, which `gantry lock` writes. */
export function readLockForm(value: unknown, place: Place): LockedDependency[] {
  const read = value === null || value === undefined ? null : lock(value, place);
  return [...(read ?? [])].flatMap(([alias, each]) =>
    each.ref && each.digest
      ? [
          {
            alias,
            ref: each.ref,
            resolved: each.resolved ?? each.ref,
            digest: each.digest,
            files: Object.fromEntries(each.files ?? []),
          },
        ]
      : [],
  );
}
