import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../model/errors';
import { outputFile } from '../../model/outputs';
import { type StepSpec, stepEnv } from '../../model/step-spec';
import { normalizePath } from '../artifact-selection';
import { findProgramProblem, type ProgramProblem } from '../program-problem';
import type { PortMap } from './allocate-ports';
import { machineFiles } from './machine-files';

/** Folder, variables and ports that a step's program sees. */
export interface StepEnvironment {
  env: NodeJS.ProcessEnv;
  cwd: string;
  argv: string[];
  ports: PortMap;
  /** Why the command cannot be run; null when it can. */
  problem: ProgramProblem | null;
}

/**
 * Nothing of the control plane's own env gets in: it holds secrets. `node` is the very Node that Gantry runs on.
 * Rejects when the working folder is not there.
 */
export async function stepEnvironmentOf(
  step: StepSpec,
  packageFolder: string,
  attemptFolder: string,
  ports: PortMap,
): Promise<StepEnvironment> {
  const env: Record<string, string> = {
    PATH: [path.dirname(process.execPath), ...systemPath].join(':'),
    HOME: path.join(attemptFolder, 'home'),
    ...stepEnv(step),
    TMPDIR: path.join(attemptFolder, 'tmp'),
    GANTRY_ARTIFACTS: path.join(attemptFolder, 'artifacts'),
    GANTRY_OUTPUT: path.join(attemptFolder, 'artifacts', outputFile),
    ...(step.node.inputs?.length ? { GANTRY_INPUTS: path.join(attemptFolder, 'inputs') } : {}),
    ...serviceEnv(step, ports),
  };
  const cwd = await workingFolder(step, packageFolder);
  const argv = step.node.command ?? [];
  const problem = await findProgramProblem(machineFiles, {
    program: argv[0] ?? '',
    folder: cwd,
    searchPath: env.PATH ?? '',
  });
  // Next declares NODE_ENV as a part of every env; a step's env has it only when the suite says so.
  return { env: env as NodeJS.ProcessEnv, cwd, argv, ports, problem };
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
