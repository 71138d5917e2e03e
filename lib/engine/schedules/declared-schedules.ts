import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { DeclaredSchedule } from '../../store/schedule-store';
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
/** Shorter than `unseenMs`, so that others have marked their suites again after a database was away for less. */
const maxBreakMs = unseenMs / 2;
const forgottenMs = 30 * 24 * 60 * 60_000;
const declaringFile = 'suite.yaml';

/** The state of one control plane from round to round. */
export interface DeclarationRounds {
  /** The digest of what each suite declared when this control plane wrote it last, by its id. */
  written: Map<string, string>;
  /** Of the monotonic clock: since when rounds have succeeded without a break; null before the first one. */
  unbrokenSinceMs: number | null;
  lastRoundMs: number | null;
}

export function newDeclarationRounds(): DeclarationRounds {
  return { written: new Map(), unbrokenSinceMs: null, lastRoundMs: null };
}

/**
 * Makes the schedules in the files of suites those of the database, every ten seconds until `stopping`. With `isOn` false
 * it declares none, and those that no other control plane declares are withdrawn in the end.
 */
export async function runDeclaredSchedules(
  deps: DeclaringControlPlane,
  isOn: boolean,
  stopping: AbortSignal,
): Promise<void> {
  const rounds = newDeclarationRounds();
  while (!stopping.aborted) {
    try {
      await declareSchedules(deps, isOn, rounds);
    } catch (error) {
      deps.logger.warn({ error: messageOf(error) }, 'the schedules of suites could not be declared');
    }
    await deps.clock.sleep(roundMs, stopping);
  }
}

/**
 * One round. A control plane writes what a suite declares when it finds it changed, and not again while that counts or
 * somebody else's does: while replicas have different files, as during an update, the newest reader of a changed file
 * wins as long as it lives and ten minutes longer. Nothing is withdrawn as unseen before the control plane has run for
 * ten minutes without a break, in which those that have the suite had time to come back, too.
 */
export async function declareSchedules(
  deps: DeclaringControlPlane,
  isOn: boolean,
  rounds: DeclarationRounds,
): Promise<void> {
  const { clock, logger, store, catalog } = deps;
  const startMs = clock.monotonicMs();
  const isAfterBreak = rounds.lastRoundMs === null || startMs - rounds.lastRoundMs > maxBreakMs;
  if (rounds.unbrokenSinceMs === null || isAfterBreak) rounds.unbrokenSinceMs = startMs;

  const entries = isOn ? (await catalog.list()).filter(mayDeclare) : [];
  const found = entries.flatMap(({ suite, folder }) => (suite ? [declarationOf(suite, folder)] : []));
  for (const each of found)
    if (rounds.written.get(each.suite.id) !== each.digest) await declare(deps, each, rounds);
  const valid = new Set(found.map(({ suite }) => suite.id));
  for (const id of rounds.written.keys()) if (!valid.has(id)) rounds.written.delete(id);

  // A file that cannot be read just now may give another id than its folder.
  const broken = entries.flatMap(({ suite, folder }) => (suite ? [] : [path.basename(folder)]));
  if (entries.length > 0) {
    const marked = found.map(({ suite, digest }) => ({
      suiteId: suite.id,
      digest,
      declares: Object.keys(suite.schedules ?? {}).length > 0,
    }));
    const lapsed = new Set(await store.schedules.markSeen(marked, broken, unseenMs));
    for (const each of found) if (lapsed.has(each.suite.id)) await declare(deps, each, rounds);
  }
  if (startMs - rounds.unbrokenSinceMs >= unseenMs) {
    const withdrawn = await store.schedules.withdrawUnseen(unseenMs, forgottenMs);
    if (withdrawn > 0) logger.info({ withdrawn }, 'schedules of suites that are gone were withdrawn');
  }
  rounds.lastRoundMs = startMs;
}

/** A folder such as `checkout@1.2.0` holds a version for other suites to refer to, and is not launched by itself. */
function mayDeclare({ id }: CatalogEntry): boolean {
  return !id.includes('@');
}

interface Declaration {
  suite: Suite;
  folder: string;
  digest: string;
}

function declarationOf(suite: Suite, wholeFolder: string): Declaration {
  const folder = path.basename(wholeFolder);
  const text = JSON.stringify([folder, suite.schedules ?? {}]);
  return { suite, folder, digest: createHash('sha256').update(text).digest('hex') };
}

async function declare(
  { clock, logger, store }: DeclaringControlPlane,
  { suite, folder, digest }: Declaration,
  { written }: DeclarationRounds,
): Promise<void> {
  const now = clock.now();
  const result = await store.schedules.declare(
    { suiteId: suite.id, folder, file: declaringFile, digest },
    schedulesOf(suite, now),
    now.toISOString(),
  );
  written.set(suite.id, digest);
  if (result.written + result.withdrawn > 0)
    logger.info({ suite: suite.id, ...result }, 'the schedules of a suite file changed');
}

function schedulesOf(suite: Suite, now: Date): DeclaredSchedule[] {
  return Object.entries(suite.schedules ?? {}).map(([name, schedule]) => {
    const declared = {
      id: idOf(suite.id, name),
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
