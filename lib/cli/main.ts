import path from 'node:path';
import { Command, Option } from 'commander';
import { messageOf } from '../model/errors';
import { connect } from './api-client';
import { initSuite } from './init-suite';
import { lockSuite } from './lock-suite';
import { pullSuite, pushSuite } from './push-suite';
import { rerun, runSuite } from './run-suite';
import { printSignInLink } from './sign-in';
import { validateSuite } from './validate-suite';

const program = new Command('gantry')
  // 1 says that a suite failed: a word that is not known is none of its business.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description('Runs integration test suites made of containers.')
  .configureHelp({ showGlobalOptions: true })
  .addOption(new Option('--url <url>', 'the control plane').env('GANTRY_URL'))
  .addOption(new Option('--token <token>', 'an API token').env('GANTRY_TOKEN'))
  .addOption(
    new Option('--data <folder>', "the control plane's data folder, where address and token are looked up")
      .env('GANTRY_DATA')
      .default('.gantry'),
  );

program
  .command('run')
  .description(
    'launch a suite and follow it to its end; exits with 0 passed, 1 failed or timed out, 2 errored, 3 cancelled',
  )
  .argument('<suite>', 'the id of the suite')
  .option('--profile <name>', "the profile; default: the suite's default")
  .option('--backend <id>', 'the backend; default: the available default')
  .option('--env <key=value...>', 'env for every step')
  .option('--label <key=value...>', 'labels of the execution')
  .addOption(
    new Option('--keep <when>', 'leave the environment up when it has ended').choices([
      'on_failure',
      'always',
    ]),
  )
  .addOption(new Option('--keep-for <minutes>', 'how long it is kept').argParser(Number))
  .option('--logs', 'print the output of every step')
  .action(async (suiteId: string, options: Parameters<typeof runSuite>[2]) => {
    process.exitCode = await runSuite(await api(), suiteId, options);
  });

program
  .command('rerun')
  .description('run an ended execution again and follow it; exits as `run` does')
  .argument('<execution>', 'the id of the execution')
  .addOption(
    new Option('--only <what>', '`failed` keeps the results of what passed').choices(['all', 'failed']),
  )
  .option('--logs', 'print the output of every step')
  .action(async (id: string, options: Parameters<typeof rerun>[2]) => {
    process.exitCode = await rerun(await api(), id, options);
  });

program
  .command('init')
  .description('make a suite that runs, in a folder of its own below the first suite root')
  .argument('<name>', "the suite's id, or a path")
  .action(initSuite);

program
  .command('validate')
  .description('tell all that is wrong with a suite and what it depends on')
  .argument('[path]', "the suite's folder", '.')
  .action(validateSuite);

program
  .command('lock')
  .description('pin what a suite depends on: writes dependencies.lock.yaml')
  .argument('[path]', "the suite's folder", '.')
  .action(lockSuite);

program
  .command('push')
  .description('put a suite on an OCI registry; prints the ref that pins it')
  .argument('<path>', "the suite's folder")
  .argument('<to>', 'oci://host/repository, or with :tag')
  .action(pushSuite);

program
  .command('pull')
  .description('write a suite on an OCI registry into a new folder')
  .argument('<ref>', 'oci://host/repository@sha256:…')
  .argument('[folder]', "default: the repository's last name")
  .action(pullSuite);

program
  .command('sign-in')
  .description('print a link that signs one browser in, once')
  .action(async () => printSignInLink(await api()));

program
  .command('agent-token')
  .description('make a token for remote agents, and print it once')
  .argument('<name>', 'what people see it as')
  .action(async (name: string) => {
    const { token }: { token: string } = await (await api()).post('/api/v1/agents/tokens', { name });
    console.log(token);
  });

program
  .command('toolbox')
  .description("make the image gantry/toolbox:local from this machine's Node and basic tools")
  .action(async () => {
    const { buildToolbox } = await import('./toolbox');
    const { image, created } = await buildToolbox({ log: (line) => console.error(line) });
    console.log(created ? `Made ${image}.` : `${image} is there and up to date.`);
  });

program
  .command('kubernetes')
  .description('what a cluster has to allow')
  .command('rbac')
  .description('print the least role that the Kubernetes backend needs, for kubectl apply -f -')
  .option('--namespace <name>', 'the namespace that executions share; default: each gets its own')
  .option('--account <namespace/name>', 'the service account that Gantry uses', 'gantry/gantry')
  .action(async ({ namespace, account }: { namespace?: string; account: string }) => {
    const { kubernetesRbac } = await import('./kubernetes-rbac');
    console.log(kubernetesRbac(namespace ?? null, account));
  });

function api() {
  const { url, token, data } = program.opts<{ url?: string; token?: string; data: string }>();
  return connect({ url, token, dataFolder: path.resolve(data) });
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(`gantry: ${messageOf(error)}`);
  process.exitCode = 2;
}
