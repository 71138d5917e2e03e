import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { messageOf } from '../model/errors';
import { contextsFileOf } from './connection/contexts';
import { exitCodeOfError, exitCodes } from './exit-codes';
import { addAuditCommands } from './program/audit-commands';
import type { Cli } from './program/cli';
import { addEnvironmentCommands } from './program/environment-commands';
import { addFileCommands } from './program/file-commands';
import { addGrantCommands } from './program/grant-commands';
import { addLookCommands } from './program/look-commands';
import { addMachineCommands } from './program/machine-commands';
import { addPeopleCommands } from './program/people-commands';
import { addPlatformCommands } from './program/platform-commands';
import { addRunCommands } from './program/run-commands';
import { addScheduleCommands } from './program/schedule-commands';
import { addWebhookCommands } from './program/webhook-commands';
import { openTerminal } from './terminal';

const terminal = openTerminal(process.env);
// The same depth below the package as a source and as a part of the bundle.
const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const { version }: { version: string } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

const program = new Command('gantry')
  // 1 says that a suite failed: a word that is not known is none of its business.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? exitCodes.passed : exitCodes.usage))
  .description('Runs integration test suites made of containers.')
  .version(version, '--version', 'print the version of this program')
  .configureHelp({ showGlobalOptions: true })
  .addOption(new Option('--url <url>', 'the control plane').env('GANTRY_URL'))
  .addOption(new Option('--token <token>', 'an API token').env('GANTRY_TOKEN'))
  .addOption(new Option('--context <name>', 'a control plane that is kept by name').env('GANTRY_CONTEXT'))
  .addOption(
    new Option('--data <folder>', "the control plane's data folder, where address and token are looked up")
      .env('GANTRY_DATA')
      .default('.gantry'),
  )
  .option('--json', 'print one JSON document, or JSON lines, and nothing else on standard output');

const cli: Cli = {
  terminal,
  root,
  contextsFile: contextsFileOf(process.env),
  connection: () => program.opts(),
  context: () => ({ terminal, json: program.opts().json === true }),
  async api() {
    const { connect } = await import('./connection/connect');
    const { data, ...rest } = cli.connection();
    return connect({ ...rest, dataFolder: path.resolve(data), contextsFile: cli.contextsFile });
  },
  exitWith(code) {
    process.exitCode = code;
  },
};

addRunCommands(program, cli);
addLookCommands(program, cli);
addEnvironmentCommands(program, cli);
addPlatformCommands(program, cli);
addScheduleCommands(program, cli);
addWebhookCommands(program, cli);
addPeopleCommands(program, cli);
addGrantCommands(program, cli);
addAuditCommands(program, cli);
addFileCommands(program);
addMachineCommands(program, cli, version);

try {
  await program.parseAsync();
} catch (error) {
  terminal.note(`gantry: ${messageOf(error)}`);
  process.exitCode = exitCodeOfError(error);
}
