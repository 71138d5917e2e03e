import type { InputIssue } from '../../model/errors';
import type { ProfileRequest } from '../../model/managed-profile';
import { settleValues } from '../file/yaml/settle-values';
import { readProfile } from './read-profile';
import { toSuiteProfile } from './resolve-profiles';

type Fields = ReturnType<typeof toSuiteProfile> & { default: boolean; extends: string | null };

/** Reads a profile that came as JSON by the rules of a file in `profiles/`. `name` counts when it has none. */
export function readManagedProfile(
  request: ProfileRequest,
  name: string,
): { fields: Fields | null; issues: InputIssue[] } {
  const value = structuredClone(request);
  const { tooLarge, issues: refused } = settleValues(value);
  const read = readProfile(tooLarge ? {} : value, name);
  const found = [...(tooLarge ? [tooLarge] : refused), ...read.issues];
  const issues = found.map(({ path, message }) => ({ path: path.join('.'), message }));
  if (issues.length > 0) return { fields: null, issues };
  const fields = {
    ...toSuiteProfile(read.name, read.profile),
    default: read.profile.default,
    extends: read.profile.extends ?? null,
  };
  return { fields, issues };
}
