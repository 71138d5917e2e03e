import { type Command, Option } from 'commander';
import type { Cli } from './cli';

const load = () => import('../commands/platform');
const loadContexts = () => import('../commands/contexts');

/** Agents, tokens, backends and contexts. */
export function addPlatformCommands(program: Command, cli: Cli): void {
  const agents = program.command('agents').description('remote agents');
  agents
    .command('ls', { isDefault: true })
    .description('all agents, with what each of them holds')
    .action(async () => (await load()).listAgents(cli.context(), await cli.api()));
  agents
    .command('drain')
    .description('let an agent begin no new execution')
    .argument('<agent>', 'its id')
    .option('--reason <text>', 'why, for people')
    .option('--undo', 'let it begin executions again')
    .action(async (id: string, options: { reason?: string; undo?: boolean }) =>
      (await load()).drainAgent(cli.context(), await cli.api(), id, options),
    );
  agents
    .command('rm')
    .description('forget an agent that holds nothing')
    .argument('<agent>', 'its id')
    .action(async (id: string) => (await load()).removeAgent(cli.context(), await cli.api(), id));

  const backends = program.command('backends').description('where executions can run');
  backends
    .command('ls', { isDefault: true })
    .description('all backends, each with the reason when it cannot be used')
    .action(async () => (await load()).listBackends(cli.context(), await cli.api()));
  backends
    .command('test')
    .description('exit with 3 when no execution can run there now')
    .argument('[backend]', 'its id; default: any')
    .action(async (id: string | undefined) =>
      (await load()).testBackends(cli.context(), await cli.api(), id),
    );

  addTokenCommands(program, cli);
  addContextCommands(program, cli);
}

function addTokenCommands(program: Command, cli: Cli): void {
  const token = program.command('token').description('tokens of programs and agents');
  token
    .command('ls', { isDefault: true })
    .description('all tokens, without their text')
    .action(async () => (await load()).listTokens(cli.context(), await cli.api()));
  token
    .command('make')
    .description('make a token, and print it once')
    .argument('<name>', 'what people see it as')
    .addOption(
      new Option('--role <role>', 'what it may do')
        .choices(['viewer', 'member', 'admin', 'agent'])
        .default('member'),
    )
    .option('--expires <duration>', 'after so long, e.g. `720h`; default: never')
    .option('--suite <ids...>', 'the suites that a member may launch, e.g. `checkout pay-*`; default: all')
    .action(async (name: string, options: { role?: string; expires?: string; suite?: string[] }) =>
      (await load()).makeToken(cli.context(), await cli.api(), name, options),
    );
  token
    .command('rotate')
    .description('make a token in the place of another one, which stays valid for a while; print it once')
    .argument('<token>', 'id of the one to replace')
    .option('--overlap <duration>', 'how long that one stays valid, e.g. `1h`; default: a day')
    .action(async (id: string, options: { overlap?: string }) =>
      (await load()).rotateToken(cli.context(), await cli.api(), id, options),
    );
  token
    .command('revoke')
    .description('revoke a token, and the sessions that were begun with it')
    .argument('<token>', 'its id')
    .action(async (id: string) => (await load()).revokeToken(cli.context(), await cli.api(), id));
  program
    .command('agent-token')
    .description('make a token for remote agents, and print it once; as `token make --role agent`')
    .argument('<name>', 'what people see it as')
    .action(async (name: string) =>
      (await load()).makeToken(cli.context(), await cli.api(), name, { role: 'agent' }),
    );
  program
    .command('sign-in')
    .description('print a link that signs one browser in, once')
    .action(async () => (await load()).printSignInLink(cli.context(), await cli.api()));
}

function addContextCommands(program: Command, cli: Cli): void {
  const context = program.command('context').description('control planes that are kept by name');
  context
    .command('ls', { isDefault: true })
    .description('all of them')
    .action(async () => (await loadContexts()).listContexts(cli.context(), cli.contextsFile));
  context
    .command('add')
    .description('keep --url with --token under a name, and use it from now on')
    .argument('<name>', 'its name')
    .action(async (name: string) =>
      (await loadContexts()).addContext(cli.context(), cli.contextsFile, name, cli.connection()),
    );
  context
    .command('use')
    .description('use one from now on')
    .argument('<name>', 'its name')
    .action(async (name: string) => (await loadContexts()).useContext(cli.context(), cli.contextsFile, name));
  context
    .command('rm')
    .description('forget one')
    .argument('<name>', 'its name')
    .action(async (name: string) =>
      (await loadContexts()).removeContext(cli.context(), cli.contextsFile, name),
    );
}
