import type { ApiClient } from '../../client/api-client';
import { type Clock, systemClock } from '../../clock';
import { CommandError, exitCodes } from '../exit-codes';
import { formatAge, formatTable } from '../format';
import { durationOf } from '../run/launch-options';
import { type CommandContext, printResult } from '../terminal';

/** `gantry suites`: every suite, valid or not. */
export async function listSuites(context: CommandContext, api: ApiClient): Promise<void> {
  const suites = await api.get('/api/v1/suites', {});
  printResult(context, suites, () => [
    ...formatTable(
      ['ID', 'TITLE', 'STEPS', 'PROFILES', ''],
      suites.items.map(({ id, title, steps, profiles, problems }) => [
        id,
        title,
        String(steps),
        profiles.map(({ name }) => name).join(','),
        problems.length > 0 ? `not valid: ${problems.length} problems` : '',
      ]),
    ),
    ...suites.items.flatMap(({ folder, problems }) =>
      problems.map(({ file, line, column, message }) => `${folder}/${file}:${line}:${column}: ${message}`),
    ),
  ]);
}

/** `gantry agents`: remote agents, with what each of them holds. */
export async function listAgents(
  context: CommandContext,
  api: ApiClient,
  clock: Clock = systemClock,
): Promise<void> {
  const agents = await api.get('/api/v1/agents', {});
  printResult(context, agents, () =>
    formatTable(
      ['ID', 'STATE', 'JOBS', 'CAPACITY', 'VERSION', 'SEEN', 'TAGS', ''],
      agents.items.map((each) => [
        each.id,
        each.state,
        String(each.jobs.length),
        String(each.capacity),
        each.version,
        formatAge(clock.now().getTime() - Date.parse(each.lastSeenAt)),
        each.tags.join(','),
        each.problem ?? each.drain?.reason ?? '',
      ]),
    ),
  );
}

/** `gantry agents drain`: lets an agent begin no new execution, or ends that. */
export async function drainAgent(
  { terminal }: CommandContext,
  api: ApiClient,
  id: string,
  { reason, undo = false }: { reason?: string; undo?: boolean },
): Promise<void> {
  const body = { drained: !undo, ...(reason ? { reason } : {}) };
  await api.post('/api/v1/agents/{id}/drain', { params: { id }, body });
  terminal.note(undo ? `${id} takes executions again.` : `${id} begins no new execution.`);
}

/** `gantry agents rm`: forgets an agent that holds nothing. */
export async function removeAgent({ terminal }: CommandContext, api: ApiClient, id: string): Promise<void> {
  await api.remove('/api/v1/agents/{id}', { params: { id } });
  terminal.note(`Removed ${id}.`);
}

/** `gantry backends`: where executions can run now. */
export async function listBackends(context: CommandContext, api: ApiClient): Promise<void> {
  const backends = await api.get('/api/v1/backends', {});
  printResult(context, backends, () =>
    formatTable(
      ['ID', 'LABEL', 'KIND', 'DEFAULT', 'AVAILABLE', ''],
      backends.items.map(({ id, label, kind, available, reason, ...each }) => [
        id,
        label,
        kind,
        each.default ? 'yes' : '',
        available ? 'yes' : 'no',
        reason ?? '',
      ]),
    ),
  );
}

/** `gantry backends test`: asks every backend, or one, and throws when one cannot run executions now. */
export async function testBackends(
  context: CommandContext,
  api: ApiClient,
  id: string | undefined,
): Promise<void> {
  const { items } = await api.get('/api/v1/backends', {});
  const tested = id === undefined ? items : items.filter((each) => each.id === id);
  if (tested.length === 0)
    throw new Error(`There is no backend ${id}. There are: ${items.map((each) => each.id).join(', ')}.`);
  printResult(context, { items: tested }, () =>
    tested.map(
      (each) => `${each.available ? '✓' : '✕'} ${each.label}${each.reason ? `: ${each.reason}` : ''}`,
    ),
  );
  const isUsable = id === undefined ? tested.some((each) => each.available) : tested[0]?.available;
  if (!isUsable) throw new CommandError(exitCodes.errored, 'No execution can run there now.');
}

/** `gantry token ls`: tokens of people, programs and agents, without their text. */
export async function listTokens(context: CommandContext, api: ApiClient): Promise<void> {
  const tokens = await api.get('/api/v1/tokens', {});
  printResult(context, tokens, () =>
    formatTable(
      ['ID', 'NAME', 'ROLE', 'SUITES', 'EXPIRES', 'LAST USED'],
      tokens.items.map(({ id, name, role, suites, expiresAt, lastUsedAt }) => [
        id,
        name,
        role,
        suites?.join(' ') ?? 'all',
        expiresAt ?? 'never',
        lastUsedAt ?? 'never',
      ]),
    ),
  );
}

const roles = ['viewer', 'member', 'admin'] as const;

/** `gantry token make`: makes a token and prints its text, once. */
export async function makeToken(
  context: CommandContext,
  api: ApiClient,
  name: string,
  options: { role?: string; expires?: string; suite?: string[] },
): Promise<void> {
  if (options.role === 'agent') {
    if (options.suite !== undefined) throw new Error('--suite: a token for agents is for all suites.');
    if (options.expires !== undefined) throw new Error('--expires: a token for agents does not expire.');
    const made = await api.post('/api/v1/agents/tokens', { body: { name } });
    return printResult(context, made, () => [made.token]);
  }
  const role = roles.find((each) => each === options.role);
  if (!role) throw new Error(`--role: expected ${roles.join(', ')} or agent, found ${options.role}.`);
  const expiry =
    options.expires === undefined ? {} : { expiresInMs: durationOf('--expires', options.expires) };
  const suites = options.suite === undefined ? {} : { suites: options.suite };
  const made = await api.post('/api/v1/tokens', { body: { name, role, ...suites, ...expiry } });
  printResult(context, made, () => [made.token]);
}

/** `gantry token rotate`: makes a token in the place of another one, and prints its text, once. */
export async function rotateToken(
  context: CommandContext,
  api: ApiClient,
  id: string,
  options: { overlap?: string },
): Promise<void> {
  const body = options.overlap === undefined ? {} : { overlapMs: durationOf('--overlap', options.overlap) };
  const made = await api.post('/api/v1/tokens/{id}/rotate', { params: { id }, body });
  context.terminal.note(`${id} ends at ${made.formerExpiresAt}.`);
  printResult(context, made, () => [made.token]);
}

/** `gantry token revoke`: revokes a token, and the sessions that were begun with it. */
export async function revokeToken({ terminal }: CommandContext, api: ApiClient, id: string): Promise<void> {
  await api.remove('/api/v1/tokens/{id}', { params: { id } });
  terminal.note(`Revoked ${id}.`);
}

/** `gantry sign-in`: prints a link that signs one browser in, once. */
export async function printSignInLink(context: CommandContext, api: ApiClient): Promise<void> {
  const { token } = await api.post('/api/v1/session/sign-in-link', {});
  const url = `${api.url}/sign-in#${token}`;
  printResult(context, { url }, () => [url]);
}
