import { randomBytes } from 'node:crypto';
import { installation } from '../../../drizzle/schema';
import type { Installation } from '../store';
import type { Database } from './database';
import { newId } from './new-id';

/** Makes it at the first start, under the id that is remembered if one is; whoever is first wins. */
export async function loadInstallation(
  { tables }: Database,
  remembered: string | null,
): Promise<Installation> {
  await tables
    .insert(installation)
    .values({ id: remembered ?? newId(), secret: randomBytes(32).toString('hex') })
    .onConflictDoNothing();
  const [row] = await tables.select().from(installation);
  if (!row) throw new Error('the row of the installation is gone');
  return { id: row.id, secret: row.secret };
}
