import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type postgres from 'postgres';
import { type Clock, systemClock } from '@/lib/clock';
import type { Engine } from '@/lib/engine/engine';
import { declareSchedules, newDeclarationRounds } from '@/lib/engine/schedules/declared-schedules';
import { fireSchedules } from '@/lib/engine/schedules/run-schedules';
import { createSchedules, type Schedules } from '@/lib/engine/schedules/schedules';
import type { ScheduleSummary } from '@/lib/model/schedule';
import type { SuiteCatalog } from '@/lib/suites/catalog/catalog';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import { makeSuiteFolder } from '../../suites/suite-folder';
import { silentLogger } from '../../support/database';
import type { World } from '../world';

const hourMs = 60 * 60_000;
const steps = 'steps: { lint: { kind: test, run: "true", image: gantry/toolbox:local } }';
export const hourly = 'schedules: { hourly: { cron: "0 * * * *" } }';

/** A control plane with files of its own, as far as schedules go. */
export interface Replica {
  root: string;
  catalog: SuiteCatalog;
  schedules: Schedules;
  write(declared: string, folder: string): void;
  /** With `isOn` false as with GANTRY_SUITE_SCHEDULES=0. */
  round(isOn?: boolean): Promise<void>;
  fire(engine: Engine, declared?: boolean): Promise<void>;
  close(): Promise<void>;
}

/** With `isNew` one that has just started; else it has run for an hour without a break. */
export function openReplica(
  { clock, world }: { clock: Clock; world: World },
  { isNew = false } = {},
): Replica {
  const root = mkdtempSync(path.join(tmpdir(), 'gantry-declared-'));
  let monotonicMs = 0;
  const catalog = openFolderCatalog(
    { clock: { ...systemClock, monotonicMs: () => monotonicMs }, logger: silentLogger },
    [root],
  );
  const deps = { clock, logger: silentLogger, store: world.store, catalog };
  const startedAt = clock.now();
  const rounds = newDeclarationRounds();
  if (!isNew) {
    rounds.lastRoundMs = clock.monotonicMs();
    rounds.unbrokenSinceMs = clock.monotonicMs() - hourMs;
  }
  return {
    root,
    catalog,
    schedules: createSchedules(deps),
    write: (declared, folder) => {
      makeSuiteFolder(`${declared}\n${steps}`, path.join(root, folder));
    },
    round: (isOn = true) => {
      // So long that the catalog looks at the files again.
      monotonicMs += hourMs;
      return declareSchedules(deps, isOn, rounds);
    },
    fire: (engine, declared = true) =>
      fireSchedules({ ...deps, engine, refuseLaunch: async () => null }, { declared, startedAt }),
    close: async () => {
      await catalog.close();
      rmSync(root, { recursive: true });
    },
  };
}

/** The one schedule that there is. */
export async function only({ schedules }: Replica): Promise<ScheduleSummary> {
  const [first, ...more] = await schedules.list();
  if (!first || more.length > 0)
    throw new Error(`expected one schedule, found ${first ? more.length + 1 : 0}`);
  return first;
}

/** Makes it so long ago that any control plane found the suites. */
export async function letPass(sql: postgres.Sql, minutes: number): Promise<void> {
  await sql`update schedule_declarations set seen_at = seen_at - ${minutes}::int * interval '1 minute'`;
}
