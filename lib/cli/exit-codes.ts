import { ApiProblem, ControlPlaneUnreachable } from '../client/api-errors';
import type { ExecutionStatus } from '../model/status';

/** What each exit code of `gantry` means; docs/cli.md lists them. */
export const exitCodes = {
  passed: 0,
  failed: 1,
  /** What was asked for is not right: an unknown word, suite or execution, a suite that is not valid. */
  usage: 2,
  /** Gantry or a backend could not do its part. */
  errored: 3,
  /** Cancelled or timed out. */
  stopped: 4,
  /** The control plane does not answer, or the token has no right to this. */
  refused: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byStatus: Record<ExecutionStatus, ExitCode> = {
  passed: exitCodes.passed,
  failed: exitCodes.failed,
  errored: exitCodes.errored,
  cancelled: exitCodes.stopped,
  timed_out: exitCodes.stopped,
  // A run that is being followed has ended: one that has not is not understood.
  queued: exitCodes.errored,
  running: exitCodes.errored,
};

export function exitCodeOfStatus(status: ExecutionStatus): ExitCode {
  return byStatus[status];
}

/** The code of a command that threw. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof ControlPlaneUnreachable) return exitCodes.refused;
  if (!(error instanceof ApiProblem)) return exitCodes.usage;
  if (error.status === 401 || error.status === 403) return exitCodes.refused;
  if (error.status === 429 || error.status >= 500) return exitCodes.errored;
  return exitCodes.usage;
}

/** A command that cannot go on, with the code to exit with. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
