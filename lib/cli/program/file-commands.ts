import type { Command } from 'commander';

/** Commands on the files of suites; they need no control plane. */
export function addFileCommands(program: Command): void {
  program
    .command('init')
    .description('make a suite that runs, in a folder of its own below the first suite root')
    .argument('<name>', "the suite's id, or a path")
    .action(async (name: string) => (await import('../init-suite')).initSuite(name));
  program
    .command('import')
    .description('write the suite.yaml that says what a file of another tool says')
    .command('compose')
    .description('from a Compose file, or a folder with one; Gantry runs Compose files also as they are')
    .argument('[path]', 'the file or its folder', '.')
    .action(async (given: string) => (await import('../import-compose')).importCompose(given));
  program
    .command('validate')
    .description('tell all that is wrong with a suite and what it depends on')
    .argument('[path]', "the suite's folder", '.')
    .action(async (folder: string) => (await import('../validate-suite')).validateSuite(folder));
  program
    .command('lock')
    .description('pin what a suite depends on: writes dependencies.lock.yaml')
    .argument('[path]', "the suite's folder", '.')
    .action(async (folder: string) => (await import('../lock-suite')).lockSuite(folder));
  program
    .command('push')
    .description('put a suite on an OCI registry; prints the ref that pins it')
    .argument('<path>', "the suite's folder")
    .argument('<to>', 'oci://host/repository, or with :tag')
    .action(async (folder: string, to: string) => (await import('../push-suite')).pushSuite(folder, to));
  program
    .command('pull')
    .description('write a suite on an OCI registry into a new folder')
    .argument('<ref>', 'oci://host/repository@sha256:…')
    .argument('[folder]', "default: the repository's last name")
    .action(async (ref: string, folder: string | undefined) =>
      (await import('../push-suite')).pullSuite(ref, folder),
    );
}
