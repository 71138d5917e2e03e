import type { Clock } from '../../clock';
import type { Logger } from '../../model/logger';
import type { OpenPubSubTransport } from '../notifier';
import type { Store } from '../store';
import { createAgentStore } from './agents';
import { createArtifactStore } from './artifacts';
import { createAuditStore } from './audit';
import { removeUnusedBlobs } from './blobs';
import { createCaseStore } from './cases/cases';
import { countRows } from './counts';
import { connect } from './database';
import { watchDiskSpace } from './disk-space';
import { createEnvironmentStore } from './environments';
import { createEventLog } from './event-log';
import { createExecutionStore } from './executions';
import { createGrantStore } from './grants';
import { loadInstallation } from './installation';
import { createJobStore } from './jobs';
import { createLogSearch } from './log-search';
import { createLogStore } from './log-store';
import { applyMigrations } from './migrate';
import { openNotifier } from './notifier';
import { createPackageStore } from './packages';
import { createProfileStore } from './profiles';
import { deleteExpired } from './retention';
import { createScheduleStore } from './schedules';
import { createSettingsStore } from './settings';
import { createTokenStore } from './tokens';
import { translateErrors } from './translate-errors';
import { createTriggerStore } from './triggers';
import { createUserStore } from './users';
import { createWebhookStore } from './webhooks';

/**
 * Brings the database up to date and opens it. Several control planes may do so at the same time. `carrierOf`
 * makes the notifier's carrier for this installation; a new database takes the installation that is remembered.
 */
export async function openPostgresStore(
  { clock, logger }: { clock: Clock; logger: Logger },
  url: string,
  carrierOf: ((installation: string) => OpenPubSubTransport) | null = null,
  remembered: string | null = null,
): Promise<Store> {
  await translateErrors(() => applyMigrations(url));
  const database = connect(url);
  const { sql } = database;
  try {
    return await translateErrors(async () => {
      const installation = await loadInstallation(database, remembered);
      await removeUnusedBlobs(database);
      const openTransport = carrierOf?.(installation.id) ?? null;
      const notifier = await openNotifier({ clock, logger, openTransport }, database);
      const grants = createGrantStore({ clock }, database);
      const search = createLogSearch({ clock }, database);
      const space = watchDiskSpace(
        { clock },
        {
          events: createEventLog({ clock, notifier }, database),
          logs: createLogStore({ notifier, search }, database),
          artifacts: createArtifactStore(database),
        },
      );
      return {
        installation,
        executions: createExecutionStore({ clock, notifier }, database),
        ...space.writers,
        cases: createCaseStore(database),
        packages: createPackageStore(database),
        environments: createEnvironmentStore(database),
        settings: createSettingsStore(database),
        tokens: createTokenStore({ clock, onGrantsCopied: grants.forget }, database),
        users: createUserStore(database),
        grants,
        agents: createAgentStore({ notifier }, database),
        jobs: createJobStore({ clock, notifier }, database),
        profiles: createProfileStore(database),
        schedules: createScheduleStore(database),
        webhooks: createWebhookStore(database),
        triggers: createTriggerStore(database),
        audit: createAuditStore(database),
        notifier,
        deleteExpired: (rules) => translateErrors(() => deleteExpired(database, rules)),
        counts: (offlineAfterMs) => translateErrors(() => countRows(database, offlineAfterMs)),
        ping: () =>
          translateErrors(async () => {
            const askedMs = clock.now().getTime();
            const [row] = await sql<{ ms: number }[]>`
              select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;
            space.check();
            const between = (askedMs + clock.now().getTime()) / 2;
            return { clockAheadMs: Math.round((row?.ms ?? between) - between) };
          }),
        close: async () => {
          await notifier.close();
          await search.close();
          // All users of the store have stopped. After an outage postgres.js waits for queries that have failed
          // long ago, so it gets little time.
          await sql.end({ timeout: 0.5 });
        },
      };
    });
  } catch (error) {
    await sql.end({ timeout: 0.5 });
    throw error;
  }
}
