import { jsonb, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';
import type { SuiteGrant } from '../lib/model/suite-grant';

/** Rights of a person, a token, a group or everyone to the suites of a pattern. */
export const suiteGrants = pgTable(
  'suite_grants',
  {
    id: text().primaryKey(),
    granteeKind: text('grantee_kind').$type<SuiteGrant['grantee']['kind']>().notNull(),
    /** Empty: everyone. */
    granteeId: text('grantee_id').notNull(),
    suites: text().notNull(),
    rights: jsonb().$type<SuiteGrant['rights']>().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3, mode: 'string' })
      .notNull()
      .defaultNow(),
    madeBy: text('made_by'),
  },
  (table) => [uniqueIndex('suite_grants_of').on(table.granteeKind, table.granteeId, table.suites)],
);
