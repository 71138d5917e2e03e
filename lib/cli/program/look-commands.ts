import type { Command } from 'commander';
import type { LogOptions } from '../commands/output';
import type { Cli } from './cli';

/** Commands that look and change nothing. */
export function addLookCommands(program: Command, cli: Cli): void {
  program
    .command('ls')
    .description('executions, newest first')
    .option('--suite <id>', 'of this suite')
    .option('--status <status>', 'of these, with commas between them, e.g. `failed,errored`')
    .option('--label <key=value>', 'with this label')
    .option('--branch <name>', 'with this label `branch`')
    .option('--profile <name>', 'with this profile')
    .option('--author <name>', 'launched by this person or token')
    .option('--search <words>', 'with these words, up to 8, in the suite, the labels, the cause and the like')
    .option('--limit <count>', 'at most so many, up to 200', '20')
    .action(async (options: Parameters<typeof import('../commands/executions').listExecutions>[2]) => {
      const { listExecutions } = await import('../commands/executions');
      await listExecutions(cli.context(), await cli.api(), options);
    });

  program
    .command('show')
    .description('an execution with its steps')
    .argument('<execution>', 'its id')
    .action(async (id: string) => {
      const { showExecution } = await import('../commands/executions');
      await showExecution(cli.context(), await cli.api(), id);
    });

  program
    .command('logs')
    .description('the output of an execution')
    .argument('<execution>', 'its id')
    .option('-f, --follow', 'go on until it has ended')
    .option('--step <id>', 'of one step')
    .option('--stream <name>', 'stdout, stderr or system')
    .option('--since <when>', 'not older than so long or than a time: `10m`, `2026-01-31T12:00:00Z`')
    .option('--grep <text>', 'lines that contain this text, in whatever case: no pattern')
    .option(
      '--pattern <re2>',
      'lines that match this regular expression, in whatever case unless it begins with (?-i); of a very long line, its beginning',
    )
    .action(async (id: string, options: LogOptions) => {
      const { printLogs } = await import('../commands/output');
      await printLogs(cli.context(), await cli.api(), id, options);
    });

  program
    .command('events')
    .description('the history of an execution')
    .argument('<execution>', 'its id')
    .option('-f, --follow', 'go on until it has ended')
    .action(async (id: string, options: { follow?: boolean }) => {
      const { printEvents } = await import('../commands/output');
      await printEvents(cli.context(), await cli.api(), id, options);
    });

  program
    .command('suites')
    .description('every suite, and what is wrong with those that are not valid')
    .action(async () => {
      const { listSuites } = await import('../commands/platform');
      await listSuites(cli.context(), await cli.api());
    });
}
