import type { PlainApi } from '../../support/plain-api';
import type { CaseApi, EndedRun } from '../suite-run';

/** A folder of the cases directory, and what is right when it has run. */
export interface Case {
  /** The folder, and so the id of its suite. */
  folder: string;
  /** Is right on plain processes too, for all of its programs are on every machine. */
  onProcesses?: boolean;
  /** Completes the title `NAME: …`. */
  title: string;
  /** Launches the suite in another way than once, to its end. */
  run?: (api: CaseApi) => Promise<EndedRun>;
  /** Fails, as `expect` does, where something is not right. */
  check(ended: EndedRun, api: PlainApi): void | Promise<void>;
}

/** A suite of the test's own that says what the case's suite cannot. JSON is YAML. */
export type OwnSuites = Record<string, object>;
