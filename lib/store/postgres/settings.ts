import { platformSettings } from '../../../drizzle/schema';
import { platformSettings as known } from '../../model/platform-settings';
import type { SettingsStore } from '../store';
import { type Database, jsonValue } from './database';
import { reachable } from './reachable';

export function createSettingsStore({ tables }: Database): SettingsStore {
  return {
    platform: () =>
      reachable(async () => {
        const [row] = await tables.select().from(platformSettings);
        // What an earlier version saved lacks what is new.
        const parsed = known.safeParse(row?.settings);
        return parsed.success ? parsed.data : (row?.settings ?? null);
      }),
    savePlatform: (given) =>
      reachable(async () => {
        const settings = jsonValue(given);
        await tables
          .insert(platformSettings)
          .values({ settings })
          .onConflictDoUpdate({ target: platformSettings.one, set: { settings } });
      }),
  };
}
