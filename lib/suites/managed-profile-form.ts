import type { InputIssue } from '../model/errors';
import type { ProfileRequest } from '../model/managed-profile';
import { type Complaint, Place } from './place';
import { type ProfileFields, readProfileForm } from './profile-form';
import { PlainScalar } from './yaml-schema';

/** Reads a profile that came as JSON by the rules of a file in `profiles/`. `name` counts when it has none. */
export function readManagedProfile(
  request: ProfileRequest,
  name: string,
): { fields: ProfileFields | null; issues: InputIssue[] } {
  const complaints: Complaint[] = [];
  const fields = readProfileForm(asYaml(request), Place.root(complaints), name);
  const issues = complaints.map(({ path, message }) => ({ path: path.join('.'), message }));
  return { fields: issues.length > 0 ? null : fields, issues };
}

/** What a YAML reader would have made of the same. */
function asYaml(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return new PlainScalar(String(value), value);
  if (Array.isArray(value)) return value.map(asYaml);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asYaml(each)]));
}
