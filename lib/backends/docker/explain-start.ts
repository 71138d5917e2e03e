import type { StepSpec } from '../../model/step-spec';
import { workingFolder } from '../container-facts';
import { explainFailedStart } from '../explain-start';
import type { ProgramProblem } from '../program-problem';
import { containerFiles } from './container-files';
import { type ContainerState, inspectContainer } from './containers';
import type { Daemon } from './daemon';

const defaultSearchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Why the step's program was never run, when its exit code says so; null when it ran. Looks at the files of the
 * container that has ended. Throws AppError `backend_failed` when the working folder cannot be entered.
 */
export async function explainStart(
  daemon: Daemon,
  container: string,
  step: StepSpec,
  { ExitCode: exitCode }: ContainerState,
): Promise<ProgramProblem | null> {
  // Podman's init process ends with 1 where it cannot run the program.
  const isPodmanInit = daemon.name === 'Podman' && step.node.command === null && exitCode === 1;
  if (exitCode !== 126 && exitCode !== 127 && !isPodmanInit) return null;
  const config = (await inspectContainer(daemon, container))?.Config;
  if (!config) return null;
  const files = containerFiles(daemon, container);
  const folder = workingFolder(step) ?? (config.WorkingDir || '/');
  const argv = step.node.command ?? [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  const searchPath = config.Env?.find((each) => each.startsWith('PATH='))?.slice(5) ?? defaultSearchPath;
  return explainFailedStart(files, step, {
    folder,
    argv,
    searchPath,
    exitCode: isPodmanInit ? null : exitCode,
  });
}
