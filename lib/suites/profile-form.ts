import type { SecretReference } from '../model/secret';
import { type Place, quote } from './place';
import { fields, flag, mapping, text } from './readers';
import { secrets } from './secret-form';
import { isDnsLabel } from './step-form';
import { env, headers } from './variables';

type Variables = Record<string, string>;

/** What one file in `profiles/` says. */
export interface ProfileFields {
  name: string;
  description: string | null;
  default: boolean;
  extends: string | null;
  launchable: boolean;
  env: Variables;
  headers: Variables;
  secrets: SecretReference[];
  steps: Map<string, { env: Variables; headers: Variables }>;
}

const stepLayer = fields({ env, headers });
export const isProfileName = (name: string) => /^[A-Za-z0-9][\w.-]{0,99}$/.test(name);
const profileName = text('the name of a profile: letters, digits, ".", "_" and "-"', isProfileName);

const form = fields({
  name: profileName,
  description: text('a description', undefined, 10_000),
  default: flag,
  extends: profileName,
  launchable: flag,
  env,
  headers,
  secrets,
  steps: mapping((id) => (isDnsLabel(id) ? null : 'expected the id of a step'), stepLayer),
});

/** Reads the data of a profile's file. An empty file is a profile without changes. */
export function readProfileForm(value: unknown, place: Place, fileName: string): ProfileFields | null {
  const read = form(value === null || value === undefined ? {} : value, place);
  const ownName = fileName.replace(/\.yaml$/, '');
  if (read && read.name === null && !isProfileName(ownName)) {
    place.complain(`expected a "name", because the file's name ${quote(ownName)} cannot be one`);
  }
  return (
    read && {
      name: read.name ?? ownName,
      description: read.description,
      default: read.default ?? false,
      extends: read.extends,
      launchable: read.launchable ?? true,
      env: read.env ?? {},
      headers: read.headers ?? {},
      secrets: read.secrets ?? [],
      steps: new Map(
        [...(read.steps ?? [])].map(([id, layer]) => [
          id,
          { env: layer.env ?? {}, headers: layer.headers ?? {} },
        ]),
      ),
    }
  );
}
