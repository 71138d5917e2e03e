import type { Clock } from '../../clock';
import { type Grantee, grantee, type SuiteGrant } from '../../model/suite-grant';
import type { GrantStore } from '../grant-store';
import { type Database, toJson } from './database';
import { newId } from './new-id';
import { translateErrors } from './translate-errors';

/** How long the list of grants is cached unless the caller sets another age. */
const usualAgeMs = 1_000;

type Row = Omit<SuiteGrant, 'grantee'> & { granteeKind: Grantee['kind']; granteeId: string };

export function createGrantStore(
  { clock }: { clock: Pick<Clock, 'monotonicMs'> },
  { sql }: Database,
): GrantStore & { forget(): void } {
  let known: { grants: Promise<readonly SuiteGrant[]>; readAtMs: number } | null = null;
  const fields = sql.unsafe(
    `id, grantee_kind as "granteeKind", grantee_id as "granteeId", suites, rights, created_at as "createdAt",
    made_by as "madeBy"`,
  );

  async function read(): Promise<readonly SuiteGrant[]> {
    const rows = await sql<Row[]>`
      select ${fields} from suite_grants order by suites, grantee_kind, grantee_id`;
    return rows.map(toGrant);
  }

  return {
    /** Somebody else has changed the table. */
    forget() {
      known = null;
    },
    list: (maxAgeMs = usualAgeMs) =>
      translateErrors(async () => {
        const nowMs = clock.monotonicMs();
        if (known && nowMs - known.readAtMs < maxAgeMs) return known.grants;
        const reading = { grants: read(), readAtMs: nowMs };
        known = reading;
        try {
          return await reading.grants;
        } catch (error) {
          if (known === reading) known = null;
          throw error;
        }
      }),
    save: ({ grantee: to, suites, rights, madeBy }) =>
      translateErrors(async () => {
        const [row] = await sql<Row[]>`
          insert into suite_grants (id, grantee_kind, grantee_id, suites, rights, made_by)
          values (${newId()}, ${to.kind}, ${'id' in to ? to.id : ''}, ${suites}, ${toJson(rights)}::text::jsonb, ${madeBy})
          on conflict (grantee_kind, grantee_id, suites) do update
            set rights = excluded.rights, made_by = excluded.made_by
          returning ${fields}`;
        known = null;
        if (!row) throw new Error('a grant was not returned by its insert');
        return toGrant(row);
      }),
    remove: (id) =>
      translateErrors(async () => {
        const [row] = await sql<Row[]>`delete from suite_grants where id = ${id} returning ${fields}`;
        known = null;
        return row ? toGrant(row) : null;
      }),
  };
}

function toGrant({ granteeKind: kind, granteeId: id, ...grant }: Row): SuiteGrant {
  return { ...grant, grantee: grantee.parse(kind === 'everyone' ? { kind } : { kind, id }) };
}
