import { AppError } from '../model/errors';
import type { StepSpec } from '../model/step-spec';
import {
  findProgramProblem,
  findScriptProblem,
  type ProgramProblem,
  type StepFiles,
} from './program-problem';

/**
 * Why a step's program was not run, from the files that it had before it; null when it ran, or when nothing that is
 * wrong with it explains the exit code. `exitCode` null: an engine that does not tell it. Throws AppError
 * `backend_failed` when the working folder cannot be entered.
 */
export async function explainFailedStart(
  files: StepFiles,
  step: StepSpec,
  {
    folder,
    argv,
    searchPath,
    exitCode,
  }: { folder: string; argv: readonly string[]; searchPath: string; exitCode: number | null },
): Promise<ProgramProblem | null> {
  await checkFolder(files, step, folder);
  const [program = '', option, script] = argv;
  const problem = await findProgramProblem(files, { program, folder, searchPath });
  if (problem) return exitCode === null || problem.exitCode === exitCode ? problem : null;
  if (option !== '-c' || script === undefined || exitCode === null) return null;
  return findScriptProblem(files, { script, folder, exitCode });
}

async function checkFolder(files: StepFiles, { stepId }: StepSpec, folder: string): Promise<void> {
  const place = await files.inspect(folder);
  if (place?.type === 'directory' || place?.type === 'link') return;
  const what = place ? 'is not a folder' : 'is neither in the image nor in the package';
  throw new AppError(
    'backend_failed',
    `Step ${stepId}: the working folder ${folder} ${what}. Correct \`cwd\`.`,
  );
}
