import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../model/errors';
import { type StepSpec, stepEnv } from '../../model/step-spec';
import { normalizePath } from '../artifact-selection';
import type { PortMap } from './allocate-ports';

/** What a step's program sees of the machine. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  cwd: string;
  argv: string[];
  ports: PortMap;
}

/**
 * Nothing of the control plane's own env gets in: it holds secrets. `node` is the very Node that Gantry runs on.
 * Rejects when the working folder or the command is not there.
 */
export async function surroundingsOf(
  step: StepSpec,
  packageFolder: string,
  attemptFolder: string,
  ports: PortMap,
): Promise<Surroundings> {
  const env: Record<string, string> = {
    PATH: [path.dirname(process.execPath), ...systemPath].join(':'),
    HOME: path.join(attemptFolder, 'home'),
    ...stepEnv(step),
    TMPDIR: path.join(attemptFolder, 'tmp'),
    GANTRY_ARTIFACTS: path.join(attemptFolder, 'artifacts'),
    ...serviceEnv(step, ports),
  };
  const cwd = await workingFolder(step, packageFolder);
  const argv = step.node.command ?? [];
  await findProgram(step, argv[0] ?? '', env.PATH ?? '', cwd);
  // Next declares NODE_ENV as a part of every env; a step's env has it only when the suite says so.
  return { env: env as NodeJS.ProcessEnv, cwd, argv, ports };
}

const systemPath = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/opt/homebrew/bin',
];

function serviceEnv(step: StepSpec, ports: PortMap): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { stepId, name, ports: declared } of step.services) {
    const prefix = name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
    env[`${prefix}_HOST`] = '127.0.0.1';
    for (const [position, port] of declared.entries()) {
      const allocated = ports[stepId]?.[port];
      if (allocated === undefined) {
        throw new AppError(
          'backend_failed',
          `Step ${step.stepId}: port ${port} of ${stepId} was not known when the environment was opened.`,
        );
      }
      if (position === 0) env[`${prefix}_PORT`] = String(allocated);
      env[`${prefix}_PORT_${port}`] = String(allocated);
    }
  }
  return env;
}

/** `/suite` stands for the package, as it does in containers. */
async function workingFolder(step: StepSpec, packageFolder: string): Promise<string> {
  const { cwd } = step.node;
  if (cwd === null || cwd === '/suite' || cwd === '.') return packageFolder;
  const relative = normalizePath(cwd.startsWith('/suite/') ? cwd.slice('/suite/'.length) : cwd);
  const folder = relative === null ? null : path.join(packageFolder, relative);
  if (folder && (await isFolderWithin(folder, packageFolder))) return folder;
  throw new AppError(
    'backend_failed',
    `Step ${step.stepId}: the working folder ${cwd} is not a folder of the suite's package.`,
  );
}

async function isFolderWithin(folder: string, root: string): Promise<boolean> {
  try {
    const [real, realRoot] = await Promise.all([realpath(folder), realpath(root)]);
    return real.startsWith(`${realRoot}${path.sep}`) && (await stat(real)).isDirectory();
  } catch {
    return false;
  }
}

async function findProgram(step: StepSpec, program: string, searchPath: string, cwd: string): Promise<void> {
  const candidates = program.includes('/')
    ? [path.resolve(cwd, program)]
    : searchPath.split(':').map((folder) => path.resolve(cwd, folder, program));
  for (const candidate of program === '' ? [] : candidates) {
    if (await isProgram(candidate)) return;
  }
  throw new AppError(
    'backend_failed',
    `Step ${step.stepId}: the command ${JSON.stringify(program)} was not found on this machine or may not be executed.`,
  );
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
