import { pathToFileURL } from 'node:url';
import { Argument, type Command } from 'commander';
import { shells } from '../complete/shells';
import type { Cli } from './cli';

/** Commands about this machine, and about `gantry` itself. */
export function addMachineCommands(program: Command, cli: Cli, version: string): void {
  program
    .command('up')
    .description('start the control plane here, set in the environment as `npm start` is')
    .option('--any-port', 'take the next free port when the wanted one is taken')
    .action(async () => {
      // It is started as it is, and reads its own words.
      await import(pathToFileURL(`${cli.root}/lib/cli/serve.mjs`).href);
    });
  program
    .command('doctor')
    .description('look for what keeps Gantry from working here; exits with 3 when something does')
    .action(async () => {
      const { runDoctor } = await import('../doctor/run-doctor');
      cli.exitWith(await runDoctor(cli.context(), cli.connection(), cli.contextsFile));
    });
  program
    .command('mcp')
    .description('tools for an assistant, by the Model Context Protocol on standard input and output')
    .action(async () => {
      const { serveMcp } = await import('../mcp/serve-mcp');
      await serveMcp(await cli.api(), version);
    });
  program
    .command('toolbox')
    .description("make the image gantry/toolbox:local from this machine's Node and basic tools")
    .action(async () => {
      const { buildToolbox } = await import('../toolbox');
      const { image, created } = await buildToolbox({ log: (line) => cli.terminal.note(line) });
      cli.terminal.print(created ? `Made ${image}.` : `${image} is there and up to date.`);
    });
  program
    .command('kubernetes')
    .description('what a cluster has to allow')
    .command('rbac')
    .description('print the least role that the Kubernetes backend needs, for kubectl apply -f -')
    .option('--namespace <name>', 'the namespace that executions share; default: each gets its own')
    .option('--account <namespace/name>', 'the service account that Gantry uses', 'gantry/gantry')
    .action(async ({ namespace, account }: { namespace?: string; account: string }) => {
      const { kubernetesRbac } = await import('../kubernetes-rbac');
      cli.terminal.print(kubernetesRbac(namespace ?? null, account));
    });
  program
    .command('version')
    .description('print the version of this program')
    .action(() => cli.terminal.print(cli.context().json ? JSON.stringify({ version }) : `gantry ${version}`));
  program
    .command('completion')
    .description('print what a shell needs to complete words of gantry')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(shells)))
    .action((shell: string) => cli.terminal.print(shells[shell] ?? ''));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const { completeWords } = await import('../complete/complete-words');
      for (const word of await completeWords(program, words, () => cli.api())) cli.terminal.print(word);
    });
}
