import { Argument, type Command, Option } from 'commander';
import type { Cli } from './cli';

const load = () => import('../commands/people');
const roles = ['viewer', 'member', 'admin'];
const person = 'e-mail address or id';

/** People who sign in. */
export function addPeopleCommands(program: Command, cli: Cli): void {
  const user = program.command('user').description('people who sign in');
  user
    .command('list', { isDefault: true })
    .alias('ls')
    .description('everybody, with role, ways to sign in and browsers')
    .action(async () => (await load()).listUsers(cli.context(), await cli.api()));
  user
    .command('add')
    .description('add a person, and print the link to choose a password with, once')
    .argument('<email>', 'e-mail address')
    .addOption(new Option('--role <role>', 'what they may do').choices(roles).default('member'))
    .option('--name <name>', 'as executions and the audit log show them; default: the address up to its @')
    .action(async (email: string, options: { role: string; name?: string }) =>
      (await load()).addUser(cli.context(), await cli.api(), email, options),
    );
  user
    .command('role')
    .description('give a person another role')
    .argument('<person>', person)
    .addArgument(new Argument('<role>', 'what they may do').choices(roles))
    .action(async (id: string, role: string) =>
      (await load()).changeRole(cli.context(), await cli.api(), id, role),
    );
  user
    .command('groups')
    .description('say which groups a person is in, to which grants may give rights')
    .argument('<person>', person)
    .argument('[groups...]', 'all of them; without any: none')
    .action(async (id: string, groups: string[]) =>
      (await load()).setGroups(cli.context(), await cli.api(), id, groups),
    );
  user
    .command('disable')
    .description('sign a person out everywhere, and let them in no more')
    .argument('<person>', person)
    .action(async (id: string) => (await load()).setDisabled(cli.context(), await cli.api(), id, true));
  user
    .command('enable')
    .description('let a person in again')
    .argument('<person>', person)
    .action(async (id: string) => (await load()).setDisabled(cli.context(), await cli.api(), id, false));
  user
    .command('reset')
    .description('remove a password, and print the link to choose another one with, once')
    .argument('<person>', person)
    .action(async (id: string) => (await load()).resetUser(cli.context(), await cli.api(), id));
}
