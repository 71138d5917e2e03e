import { AppError } from '../../model/errors';
import type { ManagedProfile } from '../../model/managed-profile';
import type { ProfileStore } from '../profile-store';
import { type Database, toJson } from './database';
import { translateErrors } from './translate-errors';

export function createProfileStore({ sql }: Database): ProfileStore {
  async function save(profile: ManagedProfile, expected: 'new' | 'old'): Promise<void> {
    const { suiteId, name } = profile;
    const content = toJson(profile);
    await sql.begin(async (transaction) => {
      const rows =
        expected === 'new'
          ? await transaction`
              insert into managed_profiles (suite_id, name, profile)
              values (${suiteId}, ${name}, ${content}::text::jsonb)
              on conflict do nothing returning name`
          : await transaction`
              update managed_profiles set profile = ${content}::text::jsonb
              where suite_id = ${suiteId} and name = ${name} returning name`;
      if (rows.length === 0) {
        throw expected === 'new'
          ? new AppError('conflict', `the suite ${suiteId} has a profile "${name}" already`)
          : new AppError('not_found', `the suite ${suiteId} has no managed profile "${name}"`);
      }
      if (!profile.default) return;
      await transaction`
        update managed_profiles set profile = profile || '{"default": false}'
        where suite_id = ${suiteId} and name <> ${name} and profile -> 'default' = 'true'`;
    });
  }

  return {
    list: (suiteId) =>
      translateErrors(async () => {
        const rows = await sql<{ profile: ManagedProfile }[]>`
          select profile from managed_profiles
          where ${suiteId}::text is null or suite_id = ${suiteId} order by suite_id, name`;
        return rows.map(({ profile }) => profile);
      }),
    save: (profile, expected) => translateErrors(() => save(profile, expected)),
    remove: (suiteId, name) =>
      translateErrors(async () => {
        const rows = await sql`
          delete from managed_profiles where suite_id = ${suiteId} and name = ${name} returning name`;
        return rows.length > 0;
      }),
  };
}
