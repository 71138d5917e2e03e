import type { Command } from 'commander';
import type { Cli } from './cli';

const load = () => import('../commands/environments');

/** `env`: what executions own on the backends. */
export function addEnvironmentCommands(program: Command, cli: Cli): void {
  const env = program.command('env').description('what executions own on the backends');
  env
    .command('ls', { isDefault: true })
    .description('all environments')
    .action(async () => (await load()).listEnvironments(cli.context(), await cli.api()));
  env
    .command('show')
    .description('an environment with its containers, networks and volumes')
    .argument('<execution>', 'the id of its execution')
    .action(async (id: string) => (await load()).showEnvironment(cli.context(), await cli.api(), id));
  env
    .command('exec')
    .description('run a command in a container; exits as the command does')
    .argument('<execution>', 'the id of its execution')
    .argument('<step>', 'the step, or the name of a container')
    .argument('<command...>', 'after `--`; one word runs in `sh -c`')
    .action(async (id: string, step: string, command: string[]) =>
      cli.exitWith(await (await load()).execInEnvironment(cli.context(), await cli.api(), id, step, command)),
    );
  env
    .command('reap')
    .description('remove an environment')
    .argument('[execution]', 'the id of its execution')
    .option('--zombies', 'all that nothing needs')
    .option('--all', 'all that there is; for admins')
    .option('--force', 'also when its execution runs: it is cancelled first')
    .action(async (id: string | undefined, options: { zombies?: boolean; all?: boolean; force?: boolean }) =>
      (await load()).reapEnvironments(cli.context(), await cli.api(), id, options),
    );
  env
    .command('extend')
    .description('keep an environment that is kept for so long from now on')
    .argument('<execution>', 'the id of its execution')
    .argument('<duration>', 'e.g. `2h`')
    .action(async (id: string, duration: string) =>
      (await load()).extendEnvironment(cli.context(), await cli.api(), id, duration),
    );
}
