import type { Concurrency } from '../model/concurrency';
import type { Dependency, LockedDependency } from '../model/dependency';
import type { StepKeyLines } from '../model/key-lines';
import type { SuiteFile, SuiteProblem, SuiteProfile } from '../model/suite';
import type { StepYaml } from './file/schema/step';
import type { SuiteYaml } from './file/schema/suite-yaml';
import type { VariableMention } from './references/variable-uses';

/** A step as its suite describes it. Durations are in milliseconds, memory is in bytes. */
export type SuiteStep = { id: string } & StepYaml;

/** A step that runs a program: any but a nested suite. */
export type ProgramStep = Exclude<SuiteStep, { kind: 'suite' }>;
/** A step that stands for the steps of a nested suite. */
export type NestedSuiteStep = Extract<SuiteStep, { kind: 'suite' }>;

type Identity = 'id' | 'title' | 'description' | 'repository' | 'version';
/** Keys that say where steps come from, and are no part of what comes out. */
type Sources = 'compose' | 'overrides';

/** A valid suite: its `suite.yaml` and the other files of its package. */
export interface Suite extends Omit<SuiteYaml, Identity | Sources | 'concurrency' | 'steps'> {
  id: string;
  title: string;
  description: string | null;
  repository: string | null;
  version: string | null;
  concurrency: Concurrency | null;
  /** In the file's order. */
  steps: SuiteStep[];
  /** At least one; exactly one is the default. */
  profiles: SuiteProfile[];
  dependencies: Dependency[];
  /** As `dependencies.lock.yaml` has it: whether it fits is checked when the suite is to run. */
  lock: LockedDependency[];
  /** `sha256:…` over the package's files. */
  packageDigest: string;
  files: SuiteFile[];
  /** Mistakes that do not depend on how the suite is launched, such as files that are named and not there. */
  warnings: SuiteProblem[];
  /** Variables that steps use and neither they nor `defaults` set. Whether anything else does is checked by the plan. */
  variableUses: VariableUse[];
  /** Where suite.yaml sets what; absent where there is no such file. */
  keyLines?: { defaults: StepKeyLines; steps: Record<string, StepKeyLines> };
}

/** A use of a variable with its position. */
export interface VariableUse extends VariableMention {
  /** The step that uses it; null if several do. */
  step: string | null;
  /** The variable whose value contains it; null in `run`. */
  key: string | null;
  file: string;
  line: number;
  column: number;
}

/** A folder below a suite root: a suite, or what is wrong with it. */
export interface CatalogEntry {
  /** The suite's id, or the folder's name when the file could not be read that far. */
  id: string;
  /** Absolute. */
  folder: string;
  suite: Suite | null;
  problems: SuiteProblem[];
}
