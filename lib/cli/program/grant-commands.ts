import type { Command } from 'commander';
import type { Cli } from './cli';

const load = () => import('../commands/grants');

/** Rights to suites. */
export function addGrantCommands(program: Command, cli: Cli): void {
  const grant = program.command('grant').description('who may do what with which suites');
  grant
    .command('ls', { isDefault: true })
    .description('all grants')
    .action(async () => (await load()).listGrants(cli.context(), await cli.api()));
  grant
    .command('add')
    .description('let somebody do something with suites, which are for nobody else then but admins')
    .argument('<suites>', 'the id of a suite, or a pattern such as `pay-*`')
    .requiredOption('--to <who>', 'person:ID, token:ID, group:NAME or everyone')
    .option('--rights <rights...>', 'some of see, launch, keep, exec and reap', ['see'])
    .action(async (suites: string, options: { to: string; rights: string[] }) =>
      (await load()).addGrant(cli.context(), await cli.api(), suites, options),
    );
  grant
    .command('rm')
    .description('take granted rights back')
    .argument('<grant>', 'its id')
    .action(async (id: string) => (await load()).removeGrant(cli.context(), await cli.api(), id));
}
