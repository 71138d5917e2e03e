import { messageOf } from '../model/errors';
import { openEnvironment } from './environment';
import type { RunContext } from './execution-run';
import type { AttemptDependencies } from './run-step-attempt';
import { noSecrets, resolveSecrets, type SecretValues } from './secret-values';
import { createServiceDirectory, type ServiceDirectory } from './step-spec';

/** Knows what the steps of one run find: its services, its secrets, and whether the backend has its environment. */
export interface RunEnvironment {
  readonly services: ServiceDirectory;
  /** None before `open`. */
  secrets(): SecretValues;
  isOpen(): boolean;
  /** Null when it is open, else what is wrong. */
  open(): Promise<OpeningProblem | null>;
}

export interface OpeningProblem {
  /** Why the steps that would have started first end. */
  reason: string;
  /** The same in short, for the steps that come after others. */
  inShort: string;
}

export function createRunEnvironment(
  deps: AttemptDependencies,
  context: RunContext,
  abandoned: AbortSignal,
): RunEnvironment {
  const services = createServiceDirectory(context.plan);
  let secrets = noSecrets;
  let isOpen = context.execution.steps.some((step) => step.attempts.length > 0);
  return {
    services,
    secrets: () => secrets,
    isOpen: () => isOpen,
    async open() {
      try {
        // Again when it is adopted: they are kept nowhere.
        secrets = await resolveSecrets(deps, context.plan, abandoned);
      } catch (error) {
        return { reason: messageOf(error), inShort: 'its secrets could not be had' };
      }
      const problem = await openEnvironment(deps, context, services);
      if (problem !== null) {
        const inShort = 'the environment could not be opened';
        return { reason: `${inShort}: ${problem}`, inShort };
      }
      isOpen = true;
      return null;
    },
  };
}
