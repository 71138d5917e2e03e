import { type Command, Option } from 'commander';
import type { FollowOptions, RunOptions } from '../run/run-suite';
import type { Cli } from './cli';

const codes =
  'Exits with 0 passed, 1 failed, 2 usage, 3 errored, 4 cancelled or timed out, 5 no answer or no right.';

type RerunOptions = FollowOptions & { only?: 'all' | 'failed'; secret?: string[] };

/** `run`, `rerun` and `cancel`. */
export function addRunCommands(program: Command, cli: Cli): void {
  const run = program
    .command('run')
    .description(`launch a suite and follow it to its end. ${codes}`)
    .argument('<suite>', 'the id of a suite; or a folder such as "." to run it without a server')
    .option('--profile <name>', "the profile; default: the suite's default")
    .option('--backend <id>', 'the backend; default: the available default')
    .option('--env <key=value...>', 'env for every step')
    .option('--var <name=value...>', 'values for the `vars` of the suite')
    .option('--image <step=image...>', 'another image for a step, this time')
    .option(
      '--secret <key=place...>',
      'secrets for this launch: `TOKEN=env:NAME` or `TOKEN=file:PATH`, read here',
    )
    .option('--only <step...>', 'run these steps with all that they wait for, and nothing else')
    .option('--label <key=value...>', 'labels of the execution')
    .option('--keep <when>', 'leave the environment up: `30m`, `on_failure` or `always`')
    .addOption(new Option('--keep-for <minutes>', 'with on_failure and always: how long').argParser(Number));
  addFollowOptions(run).action(async (suite: string, options: RunOptions) => {
    const { isFolder, runFolder } = await import('../embedded/run-folder');
    if (isFolder(suite)) return cli.exitWith(await runFolder(cli.context(), cli.root, suite, options));
    const { runSuite } = await import('../run/run-suite');
    cli.exitWith(await runSuite(cli.context(), await cli.api(), suite, options));
  });

  const rerun = program
    .command('rerun')
    .description('run an ended execution again and follow it; exits as `run` does')
    .argument('<execution>', 'the id of the execution')
    .addOption(
      new Option('--only <what>', '`failed` keeps the results of what passed').choices(['all', 'failed']),
    )
    .option('--secret <key=place...>', 'the secrets that it was launched with, as for `run`');
  addFollowOptions(rerun).action(async (id: string, options: RerunOptions) => {
    const { rerunExecution } = await import('../run/run-suite');
    cli.exitWith(await rerunExecution(cli.context(), await cli.api(), id, options));
  });

  program
    .command('cancel')
    .description('ask for the end of an execution')
    .argument('<execution>', 'its id')
    .option('--force', 'end also the steps that always run, at once')
    .action(async (id: string, options: { force?: boolean }) => {
      const { cancelExecution } = await import('../commands/executions');
      await cancelExecution(cli.context(), await cli.api(), id, options);
    });
}

function addFollowOptions(command: Command): Command {
  return command
    .option('--logs', 'print the output of every step')
    .addOption(new Option('--wait', 'follow it to its end; this is the default').conflicts('detach'))
    .option('--detach', 'launch it, print where it is, and leave it running')
    .option('--timeout <duration>', 'cancel it after so long, e.g. `20m`')
    .option('--junit <file>', 'write all test results as one JUnit file')
    .option('--artifacts <folder>', 'download what the steps exported')
    .option('--summary <file>', 'append a summary in Markdown; default: GITHUB_STEP_SUMMARY')
    .option('--source-folder <path>', 'where the suite is in the repository, for annotations');
}
