import path from 'node:path';
import { AppError } from '../model/errors';
import { outputFile } from '../model/outputs';
import { inputsFolder } from '../model/step-input';
import type { StepSpec } from '../model/step-spec';

/** What a step finds in its container, wherever that runs. */
export const packageFolder = '/suite';
export const artifactsFolder = '/gantry/artifacts';
/** What a step without an image of its own runs in. */
export const defaultImage = 'gantry/toolbox:local';

/** What a suite may ask for: nothing here reaches beyond the container. */
const grantableCapabilities = new Set([
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'IPC_LOCK', 'KILL', 'NET_BIND_SERVICE'],
  ...['NET_RAW', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT', 'SYS_NICE'],
]);

/** Throws AppError `backend_failed` when the step asks for a capability that reaches beyond its container. */
export function grantedCapabilities(step: StepSpec): string[] {
  const { capabilities } = step.node;
  const wanted = (capabilities === 'none' ? [] : capabilities).map((name) =>
    name.toUpperCase().replace(/^CAP_/, ''),
  );
  const refused = wanted.filter((name) => !grantableCapabilities.has(name));
  if (refused.length === 0) return wanted;
  throw new AppError(
    'backend_failed',
    `Step ${step.stepId} asks for ${refused.join(', ')}, which reaches beyond its container and is never given. ` +
      `A step may have: ${[...grantableCapabilities].join(', ')}.`,
  );
}

/** The folders that a step has from Gantry in a container. */
export function folderVariables({ node }: Pick<StepSpec, 'node'>): Record<string, string> {
  return {
    GANTRY_ARTIFACTS: artifactsFolder,
    GANTRY_OUTPUT: `${artifactsFolder}/${outputFile}`,
    ...(node.inputs?.length ? { GANTRY_INPUTS: inputsFolder } : {}),
  };
}

/** `<NAME>_HOST` and `<NAME>_PORT` of the services that the step can see by name. */
export function serviceVariables(step: StepSpec): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { name, ports } of step.services) {
    const prefix = name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
    variables[`${prefix}_HOST`] = name;
    if (ports[0] !== undefined) variables[`${prefix}_PORT`] = String(ports[0]);
    for (const port of ports) variables[`${prefix}_PORT_${port}`] = String(port);
  }
  return variables;
}

/** Where its program starts; null where the image says it. */
export function workingFolder({ node }: StepSpec): string | null {
  if (node.command === null && node.cwd === null) return null;
  return path.posix.resolve(packageFolder, node.cwd ?? '.');
}
