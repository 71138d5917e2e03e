import type { SecretReference } from '../model/secret';
import { describe, quote } from './place';
import { fields, list, type Reader, text } from './readers';
import { variableComplaint } from './variables';

const key: Reader<string> = (value, place) => {
  const name = text('the name of a variable')(value, place);
  const complaint = name === null ? null : variableComplaint(name);
  if (complaint) place.complain(`${complaint}, found ${describe(name)}`);
  return complaint ? null : name;
};

/** `env:NAME`, `file:/path`, or `vault:path#field` with the path as Vault's command line takes it. */
const origin = text('where the secret is: "env:NAME", "file:/path" or "vault:path#field"', (value) =>
  /^env:[A-Za-z_][A-Za-z0-9_]*$|^file:\/.+$|^vault:[^#\s/][^#\s]*#[^#\s]+$/.test(value),
);

const one = fields({ key, from: origin }, { required: ['key', 'from'] });

const each: Reader<SecretReference> = (value, place) => {
  const read = one(value, place);
  return read?.key && read.from ? { key: read.key, from: read.from } : null;
};

/** A profile's secrets: `[{key, from}]`, each key once. */
export const secrets: Reader<SecretReference[]> = (value, place) => {
  const read = list(each, { max: 200 })(value, place);
  const seen = new Set<string>();
  for (const { key } of read ?? []) {
    if (seen.has(key)) place.complain(`expected each key once, found ${quote(key)} again`);
    seen.add(key);
  }
  return read;
};
