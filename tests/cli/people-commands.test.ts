import { afterAll, beforeAll, expect, it } from 'vitest';
import { addUser, changeRole, listUsers, resetUser, setDisabled } from '@/lib/cli/commands/people';
import { listTokens, makeToken } from '@/lib/cli/commands/platform';
import type { CommandContext } from '@/lib/cli/terminal';
import { createApiClient } from '@/lib/client/api-client';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

let plane: TestControlPlane;
let printed: string[] = [];

beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane?.close());

const context = (): CommandContext => {
  printed = [];
  const take = (text: string) => void printed.push(text);
  return { json: false, terminal: { env: {}, isInteractive: false, ci: null, print: take, note: take } };
};
const api = () => createApiClient({ url: plane.url, token: plane.admin });
const email = 'ada@example.com';

it('adds a person with a link that is printed once, and changes, disables and resets that person by address', async () => {
  await addUser(context(), api(), 'Ada@Example.com', { role: 'viewer', name: 'Ada' });
  expect(printed.join('\n')).toMatch(new RegExp(`^${plane.url}/sign-in#gantry_inv_\\S+$`));
  await changeRole(context(), api(), email, 'admin');
  expect(printed.join('\n')).toContain('Ada is admin.');
  await setDisabled(context(), api(), email, true);
  await listUsers(context(), api());
  expect(printed.join('\n')).toMatch(/Ada +ada@example\.com +admin .*disabled/);
  await setDisabled(context(), api(), email, false);
  await resetUser(context(), api(), email);
  expect(printed.join('\n')).toContain('/sign-in#gantry_inv_');
  await expect(changeRole(context(), api(), 'nobody', 'admin')).rejects.toThrow(/nobody.*ada@example\.com/i);
  await expect(addUser(context(), api(), email, { role: 'viewer' })).rejects.toThrow(/already/);
});

it('makes a token for some suites, and shows which', async () => {
  await makeToken(context(), api(), 'pay-ci', { role: 'member', suite: ['checkout', 'pay-*'] });
  expect(printed.join('\n')).toMatch(/^gantry_api_\S+$/);
  await listTokens(context(), api());
  expect(printed.join('\n')).toMatch(/pay-ci +member +checkout pay-\* +never/);
  const agents = makeToken(context(), api(), 'farm', { role: 'agent', suite: ['checkout'] });
  await expect(agents).rejects.toThrow('--suite: a token for agents is for all suites.');
});
