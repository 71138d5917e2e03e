import type { Command } from 'commander';
import type { Cli } from './cli';

const load = () => import('../commands/audit');

/** The audit log. */
export function addAuditCommands(program: Command, cli: Cli): void {
  const audit = program.command('audit').description('who did what');
  audit
    .command('export')
    .description('print every entry as a line of JSON, the oldest first')
    .action(async () => (await load()).exportAudit(cli.context(), await cli.api()));
  audit
    .command('verify')
    .description('check that no entry was changed or removed; exit with 1 when one was')
    .argument('[file]', 'an export; default: the log of the control plane')
    .option('--head <id:hash>', 'an entry that was the newest at an earlier check: it has to be there still')
    .action(async (file: string | undefined, options: { head?: string }) =>
      (await load()).verifyAudit(cli.context(), () => cli.api(), file, options),
    );
}
