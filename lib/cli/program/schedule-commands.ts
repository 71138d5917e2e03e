import { type Command, Option } from 'commander';
import type { ScheduleOptions } from '../commands/schedules';
import type { Cli } from './cli';

const load = () => import('../commands/schedules');

/** Commands about schedules, which launch suites by themselves. */
export function addScheduleCommands(program: Command, cli: Cli): void {
  const schedules = program.command('schedules').description('suites that are launched at set times');
  schedules
    .command('ls', { isDefault: true })
    .description('all schedules, with their next time and what came of the last one')
    .action(async () => (await load()).listSchedules(cli.context(), await cli.api()));
  schedules
    .command('make')
    .description('launch a suite at set times, and print the id of the schedule')
    .argument('<suite>', 'its id')
    .requiredOption('--cron <pattern>', 'minute, hour, day, month and weekday, e.g. `30 2 * * 1-5`')
    .option('--time-zone <name>', 'an IANA name such as `Europe/Berlin`', 'UTC')
    .option('--name <name>', "what people see it as; default: the suite's id")
    .option('--profile <name>', "default: the suite's default one")
    .option('--backend <id>', 'default: the default one')
    .option('--jitter <seconds>', 'start later by a fixed part of so many seconds', '0')
    .addOption(
      new Option('--when-running <what>', 'what to do while an execution of it has not ended')
        .choices(['skip', 'queue', 'cancel'])
        .default('skip'),
    )
    .addOption(
      new Option('--when-missed <what>', 'what to do about times at which no control plane ran')
        .choices(['skip', 'once'])
        .default('skip'),
    )
    .action(async (suite: string, options: ScheduleOptions) =>
      (await load()).makeSchedule(cli.context(), await cli.api(), suite, options),
    );
  for (const [word, enabled] of [
    ['on', true],
    ['off', false],
  ] as const) {
    schedules
      .command(word)
      .description(enabled ? 'launch again from now on' : 'launch nothing until it is on again')
      .argument('<schedule>', 'its id')
      .action(async (id: string) =>
        (await load()).switchSchedule(cli.context(), await cli.api(), id, enabled),
      );
  }
  schedules
    .command('history')
    .description('what came of the planned times of a schedule, newest first')
    .argument('<schedule>', 'its id')
    .action(async (id: string) => (await load()).listFirings(cli.context(), await cli.api(), id));
  schedules
    .command('rm')
    .description('remove a schedule; its executions stay')
    .argument('<schedule>', 'its id')
    .action(async (id: string) => (await load()).removeSchedule(cli.context(), await cli.api(), id));
}
