import type { Execution } from '@/lib/model/execution';
import type { ExecutionStatus, StepStatus } from '@/lib/model/status';
import type { RealEngine } from '../support/real-engine';

/** How a step has ended, and what it said. */
export interface ExpectedStep {
  /** `passed` unless it is given. */
  status?: StepStatus;
  /** All lines of its standard output. */
  prints?: (string | RegExp)[];
  reason?: string | RegExp;
  attempts?: number;
  /** Paths of its artifacts. */
  artifacts?: string[];
}

/** A suite that shows what keys do: it would end in another way, or say something else, if one of them did nothing. */
export interface KeyCase {
  /** Completes the sentence "the keys of a suite …". */
  title: string;
  /** The keys that it shows, as `keysBelow` lists them. Its suite file has each of them. */
  keys: string[];
  files: Record<string, string> & { 'suite.yaml': string };
  /** `passed` unless it is given. */
  status?: ExecutionStatus;
  /** Every step of the execution, and no other. */
  steps: Record<string, ExpectedStep>;
  /** Looks at what the results of steps do not show. */
  check?(execution: Execution, again: { gantry: RealEngine; suiteId: string; folder: string }): Promise<void>;
}

/** An image with words of its own. */
export const keysImage = 'gantry-test/keys:1';
export const keysDockerfile = `FROM gantry/toolbox:local
ENV MARK=keys
USER 1000
WORKDIR /made
ENTRYPOINT ["sh", "-c", "echo \\"$0\\" \\"$@\\"", "entry"]
CMD ["image"]
`;
