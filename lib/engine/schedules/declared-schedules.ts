import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { DeclaredSchedule, DeclaringSuite } from '../../store/schedule-store';
import type { Store } from '../../store/store';
import type { SuiteCatalog } from '../../suites/catalog/catalog';
import type { CatalogEntry, Suite } from '../../suites/suite';
import { timesOf } from './next-times';

interface DeclaringControlPlane {
  clock: Clock;
  logger: Logger;
  store: Pick<Store, 'schedules'>;
  catalog: Pick<SuiteCatalog, 'list'>;
}

const roundMs = 10_000;
/** A suite that is not found for longer is gone; a folder may be replaced, and a disk be unmounted for a while. */
const unseenMs = 10 * 60_000;
const forgottenMs = 30 * 24 * 60 * 60_000;
const declaringFile = 'suite.yaml';

/** What each suite declared when this control plane wrote it last, by its id. */
export type Declarations = Map<string, string>;

/**
 * Makes the schedules in the files of suites those of the database, every ten seconds until `stopping`. With `isOn` false
 * it declares none, and those that no other control plane declares are withdrawn in the end.
 */
export async function runDeclaredSchedules(
  deps: DeclaringControlPlane,
  isOn: boolean,
  stopping: AbortSignal,
): Promise<void> {
  const written: Declarations = new Map();
  while (!stopping.aborted) {
    try {
      await declareSchedules(deps, isOn, written);
    } catch (error) {
      deps.logger.warn({ error: messageOf(error) }, 'the schedules of suites could not be declared');
    }
    await deps.clock.sleep(roundMs, stopping);
  }
}

/**
 * One round. A control plane writes what a suite declares when it finds it changed, and not again: while replicas have
 * different files, as during an update, the newest reader of a changed file wins, and none undoes the work of another.
 */
export async function declareSchedules(
  { clock, logger, store, catalog }: DeclaringControlPlane,
  isOn: boolean,
  written: Declarations,
): Promise<void> {
  const entries = isOn ? (await catalog.list()).filter(mayDeclare) : [];
  for (const { suite, folder } of entries) {
    if (!suite) continue;
    const declared = { suiteId: suite.id, folder: path.basename(folder), file: declaringFile };
    const text = JSON.stringify([declared.folder, suite.schedules ?? {}]);
    if (written.get(suite.id) === text) continue;
    const now = clock.now();
    const result = await store.schedules.declare(
      declared,
      schedulesOf(suite, declared, now),
      now.toISOString(),
    );
    written.set(suite.id, text);
    if (result.written + result.withdrawn > 0)
      logger.info({ suite: suite.id, ...result }, 'the schedules of a suite file changed');
  }
  const valid = entries.flatMap(({ suite }) => (suite ? [suite.id] : []));
  for (const id of written.keys()) if (!valid.includes(id)) written.delete(id);
  // A file that cannot be read just now may give another id than its folder.
  const broken = entries.flatMap(({ suite, folder }) => (suite ? [] : [path.basename(folder)]));
  if (entries.length > 0) await store.schedules.markSeen(valid, broken);
  const withdrawn = await store.schedules.withdrawUnseen(unseenMs, forgottenMs);
  if (withdrawn > 0) logger.info({ withdrawn }, 'schedules of suites that are gone were withdrawn');
}

/** A folder such as `checkout@1.2.0` holds a version for other suites to refer to, and is not launched by itself. */
function mayDeclare({ id }: CatalogEntry): boolean {
  return !id.includes('@');
}

function schedulesOf(suite: Suite, declaring: DeclaringSuite, now: Date): DeclaredSchedule[] {
  return Object.entries(suite.schedules ?? {}).map(([name, schedule]) => {
    const declared = {
      id: idOf(declaring.suiteId, name),
      name,
      profile: schedule.profile ?? null,
      backend: schedule.backend ?? null,
      cron: schedule.cron,
      timeZone: schedule.time_zone,
      jitterSeconds: Math.round(schedule.jitter / 1000),
      whenRunning: schedule.when_running,
      whenMissed: schedule.when_missed,
    };
    return { ...declared, next: timesOf(declared).next(now) };
  });
}

/** The same on every control plane, so that two that declare it at once make one. */
function idOf(suiteId: string, name: string): string {
  return createHash('sha256').update(`${suiteId}\0${name}`).digest('hex').slice(0, 16);
}
