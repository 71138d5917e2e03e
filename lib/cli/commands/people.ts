import type { ApiClient } from '../../client/api-client';
import type { UserSummary } from '../../model/user';
import { formatTable } from '../format';
import { type CommandContext, printResult } from '../terminal';

const roles = ['viewer', 'member', 'admin'] as const;

/** `gantry user list`: everybody who may sign in, or could once. */
export async function listUsers(context: CommandContext, api: ApiClient): Promise<void> {
  const users = await api.get('/api/v1/users', {});
  printResult(context, users, () =>
    formatTable(
      ['ID', 'NAME', 'E-MAIL', 'ROLE', 'SIGNS IN WITH', 'BROWSERS', 'LAST SEEN', ''],
      users.items.map((user) => [
        user.id,
        user.name,
        user.email ?? '',
        user.role,
        [...(user.hasPassword ? ['password'] : []), ...user.providers].join(','),
        String(user.sessions),
        user.lastSeenAt ?? 'never',
        user.disabledAt === null ? '' : 'disabled',
      ]),
    ),
  );
}

/** `gantry user add`: adds a person and prints the link to choose a password with, once. */
export async function addUser(
  context: CommandContext,
  api: ApiClient,
  email: string,
  options: { role: string; name?: string },
): Promise<void> {
  const body = {
    email,
    role: roleOf(options.role),
    ...(options.name === undefined ? {} : { name: options.name }),
  };
  const { user, invitation } = await api.post('/api/v1/users', { body });
  const link = linkOf(api, invitation.token);
  printResult(context, { user, link, expiresAt: invitation.expiresAt }, () => [link]);
}

/** `gantry user role`: gives a person another role. */
export async function changeRole(
  { terminal }: CommandContext,
  api: ApiClient,
  person: string,
  role: string,
): Promise<void> {
  const { id, name } = await findUser(api, person);
  await api.put('/api/v1/users/{id}', { params: { id }, body: { role: roleOf(role) } });
  terminal.note(`${name} is ${role}.`);
}

/** `gantry user groups`: says which groups a person is in, for grants. */
export async function setGroups(
  { terminal }: CommandContext,
  api: ApiClient,
  person: string,
  groups: string[],
): Promise<void> {
  const { id, name } = await findUser(api, person);
  await api.put('/api/v1/users/{id}', { params: { id }, body: { groups } });
  terminal.note(groups.length === 0 ? `${name} is in no group.` : `${name} is in ${groups.join(', ')}.`);
}

/** `gantry user disable` and `enable`. */
export async function setDisabled(
  { terminal }: CommandContext,
  api: ApiClient,
  person: string,
  disabled: boolean,
): Promise<void> {
  const { id, name } = await findUser(api, person);
  await api.put('/api/v1/users/{id}', { params: { id }, body: { disabled } });
  terminal.note(disabled ? `${name} is disabled and signed out everywhere.` : `${name} may sign in again.`);
}

/** `gantry user reset`: removes a password and prints the link to choose another one with, once. */
export async function resetUser(context: CommandContext, api: ApiClient, person: string): Promise<void> {
  const { id } = await findUser(api, person);
  const { token, expiresAt } = await api.post('/api/v1/users/{id}/reset', { params: { id } });
  const link = linkOf(api, token);
  printResult(context, { id, link, expiresAt }, () => [link]);
}

async function findUser(api: ApiClient, person: string): Promise<UserSummary> {
  const { items } = await api.get('/api/v1/users', {});
  const found = items.find(({ id, email }) => id === person || email === person.toLowerCase());
  if (found) return found;
  const known = items.map(({ id, email }) => email ?? id).join(', ');
  throw new Error(`There is nobody with the e-mail address or id ${person}. There are: ${known || 'none'}.`);
}

function linkOf(api: ApiClient, token: string): string {
  return `${api.url}/sign-in#${token}`;
}

function roleOf(given: string): (typeof roles)[number] {
  const role = roles.find((each) => each === given);
  if (!role) throw new Error(`The role: expected ${roles.join(', ')}, found ${given}.`);
  return role;
}
