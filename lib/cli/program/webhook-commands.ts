import type { Command } from 'commander';
import type { WebhookOptions } from '../commands/webhooks';
import type { Cli } from './cli';

const load = () => import('../commands/webhooks');

/** Commands about webhooks, which report what has ended. */
export function addWebhookCommands(program: Command, cli: Cli): void {
  const webhooks = program.command('webhooks').description('signed messages about executions');
  webhooks
    .command('ls', { isDefault: true })
    .description('all webhooks')
    .action(async () => (await load()).listWebhooks(cli.context(), await cli.api()));
  webhooks
    .command('make')
    .description('send messages to an address, and print the id of the webhook')
    .argument('<url>', 'where to')
    .requiredOption(
      '--secret-from <place>',
      'where the signing secret is: `env:NAME`, `file:/path`, `vault:path#field`',
    )
    .option('--event <events...>', 'passed, failed, errored, became_passed, became_failed, needs_attention', [
      'failed',
      'errored',
      'became_passed',
    ])
    .option('--suite <id>', 'of this suite alone; default: all')
    .option('--form <form>', 'what is sent: gantry, slack, teams, mattermost, github or gitlab', 'gantry')
    .option('--name <name>', 'what people see it as', 'webhook')
    .action(async (url: string, options: WebhookOptions) =>
      (await load()).makeWebhook(cli.context(), await cli.api(), url, options),
    );
  webhooks
    .command('log')
    .description('the messages of a webhook, newest first, with what became of each')
    .argument('<webhook>', 'its id')
    .action(async (id: string) => (await load()).listDeliveries(cli.context(), await cli.api(), id));
  webhooks
    .command('send-again')
    .description('send a message again, with the same id')
    .argument('<message>', 'its id, as the log prints it')
    .action(async (id: string) => (await load()).sendAgain(cli.context(), await cli.api(), id));
  webhooks
    .command('rm')
    .description('remove a webhook with its messages')
    .argument('<webhook>', 'its id')
    .action(async (id: string) => (await load()).removeWebhook(cli.context(), await cli.api(), id));
}
