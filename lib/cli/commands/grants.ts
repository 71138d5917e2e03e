import type { ApiClient } from '../../client/api-client';
import type { SuiteGrant } from '../../model/suite-grant';
import type { SuiteRight } from '../../model/suite-right';
import { suiteRights } from '../../model/suite-rights';
import { formatTable } from '../format';
import { type CommandContext, printResult } from '../terminal';

/** `gantry grant ls`: who may do what with which suites. */
export async function listGrants(context: CommandContext, api: ApiClient): Promise<void> {
  const grants = await api.get('/api/v1/grants', {});
  printResult(context, grants, () =>
    formatTable(
      ['ID', 'SUITES', 'TO', 'RIGHTS'],
      grants.items.map(({ id, suites, grantee, rights }) => [
        id,
        suites,
        wordsFor(grantee),
        rights.join(','),
      ]),
    ),
  );
}

/** `gantry grant add`: lets somebody do something with suites. */
export async function addGrant(
  context: CommandContext,
  api: ApiClient,
  suites: string,
  { to, rights }: { to: string; rights: string[] },
): Promise<void> {
  const body = { suites, grantee: granteeOf(to), rights: rights.map(rightOf) };
  const grant = await api.post('/api/v1/grants', { body });
  printResult(context, grant, () => [
    `${wordsFor(grant.grantee)} may ${grant.rights.join(', ')} with ${grant.suites}.`,
  ]);
}

/** `gantry grant rm`: takes it back. */
export async function removeGrant({ terminal }: CommandContext, api: ApiClient, id: string): Promise<void> {
  await api.remove('/api/v1/grants/{id}', { params: { id } });
  terminal.note(`Removed ${id}.`);
}

function granteeOf(text: string): SuiteGrant['grantee'] {
  if (text === 'everyone') return { kind: 'everyone' };
  const [, kind, id] = /^(person|token|group):(.+)$/.exec(text) ?? [];
  if (id !== undefined && (kind === 'person' || kind === 'token' || kind === 'group')) return { kind, id };
  throw new Error(`--to: expected person:ID, token:ID, group:NAME or everyone, found ${text}.`);
}

function rightOf(text: string): SuiteRight {
  const right = suiteRights.find((each) => each === text);
  if (right) return right;
  throw new Error(`--rights: expected some of ${suiteRights.join(', ')}, found ${text}.`);
}

function wordsFor(grantee: SuiteGrant['grantee']): string {
  return grantee.kind === 'everyone' ? 'everyone' : `${grantee.kind}:${grantee.id}`;
}
