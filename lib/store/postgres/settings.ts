import { platformSettings } from '../../../drizzle/schema';
import { platformSettings as known } from '../../model/platform-settings';
import type { SettingsStore } from '../store';
import { type Database, jsonValue } from './database';
import { translateErrors } from './translate-errors';

export function createSettingsStore({ tables }: Database): SettingsStore {
  return {
    platform: () =>
      translateErrors(async () => {
        const [row] = await tables.select().from(platformSettings);
        // Settings that an earlier version saved lack newer keys.
        const parsed = known.safeParse(row?.settings);
        return parsed.success ? parsed.data : (row?.settings ?? null);
      }),
    savePlatform: (given) =>
      translateErrors(async () => {
        const settings = jsonValue(given);
        await tables
          .insert(platformSettings)
          .values({ settings })
          .onConflictDoUpdate({ target: platformSettings.one, set: { settings } });
      }),
  };
}
