import type { Clock } from '../../clock';
import type { Logger } from '../../model/logger';
import type { OpenRingCarrier } from '../doorbell';
import type { Store } from '../store';
import { createAgentStore } from './agents';
import { createArtifactStore } from './artifacts';
import { createAuditStore } from './audit';
import { removeUnusedBlobs } from './blobs';
import { countRows } from './counts';
import { connect } from './database';
import { watchDiskSpace } from './disk-space';
import { openDoorbell } from './doorbell';
import { createEnvironmentStore } from './environments';
import { createEventLog } from './event-log';
import { createExecutionStore } from './executions';
import { loadInstallation } from './installation';
import { createJobStore } from './jobs';
import { createLogStore } from './log-store';
import { applyMigrations } from './migrate';
import { createPackageStore } from './packages';
import { createProfileStore } from './profiles';
import { reachable } from './reachable';
import { forgetSome } from './retention';
import { createSettingsStore } from './settings';
import { createTokenStore } from './tokens';

/**
 * Brings the database up to date and opens it. Several control planes may do so at the same time. `carrierOf`
 * makes the doorbell's carrier for this installation; a new database takes the installation that is remembered.
 */
export async function openPostgresStore(
  { clock, logger }: { clock: Clock; logger: Logger },
  url: string,
  carrierOf: ((installation: string) => OpenRingCarrier) | null = null,
  remembered: string | null = null,
): Promise<Store> {
  await reachable(() => applyMigrations(url));
  const database = connect(url);
  const { sql } = database;
  try {
    return await reachable(async () => {
      const installation = await loadInstallation(database, remembered);
      await removeUnusedBlobs(database);
      const openCarrier = carrierOf?.(installation.id) ?? null;
      const doorbell = await openDoorbell({ clock, logger, openCarrier }, database);
      const space = watchDiskSpace(
        { clock },
        {
          events: createEventLog({ clock, doorbell }, database),
          logs: createLogStore({ doorbell }, database),
          artifacts: createArtifactStore(database),
        },
      );
      return {
        installation,
        executions: createExecutionStore({ clock, doorbell }, database),
        ...space.writers,
        packages: createPackageStore(database),
        environments: createEnvironmentStore(database),
        settings: createSettingsStore(database),
        tokens: createTokenStore({ clock }, database),
        agents: createAgentStore({ doorbell }, database),
        jobs: createJobStore({ clock, doorbell }, database),
        profiles: createProfileStore(database),
        audit: createAuditStore(database),
        doorbell,
        forgetSome: (rules) => reachable(() => forgetSome(database, rules)),
        counts: (offlineAfterMs) => reachable(() => countRows(database, offlineAfterMs)),
        ping: () =>
          reachable(async () => {
            await sql`select 1`;
            space.check();
          }),
        close: async () => {
          await doorbell.close();
          // Whoever uses the store has stopped. After an outage postgres.js waits for queries that have failed
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
