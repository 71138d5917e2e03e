import { access, constants, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { StepSpec } from '../../model/step-spec';
import {
  type Availability,
  type Backend,
  noLedger,
  type OpenPackage,
  type ResourceLedger,
  type StepOutcome,
  type StepWatch,
} from '../backend';
import { attemptName } from '../labels';
import type { ProgramProblem } from '../program-problem';
import { resetMocks, sendReset } from '../reset-mocks';
import { explainRefusal, toolboxImage, whyNotOnProcess } from './can-run-on-process';
import { exportFiles } from './exported-files';
import { listProcessEnvironments } from './list-environments';
import { createEnvironmentOpener } from './open-environment';
import { packageFolder } from './package-folder';
import { installRecorder } from './recorder/install-recorder';
import { removeEnvironment } from './remove-environment';
import { followProgram, type RunningStep } from './run-process-step';
import { attemptFolder, environmentFolder, readEnvironment } from './scratch';
import { type StepEnvironment, stepEnvironmentOf } from './step-environment';
import { placeInputs } from './step-inputs';
import { findLeader, startProgram, whenStarted } from './step-program';

export interface ProcessBackendOptions {
  id: string;
  installation: string;
  /** Where executions have their scratch folders. */
  folder: string;
}

/**
 * Steps as process groups of this machine: no isolation and no limits, for a newcomer without Docker. What a step
 * prints goes to files, so that it runs on when Gantry is gone and is found again by whoever comes back.
 */
export function createProcessBackend(
  {
    clock,
    logger,
    openPackage,
    ledger = noLedger,
  }: { clock: Clock; logger: Logger; openPackage: OpenPackage; ledger?: ResourceLedger },
  { id, installation, folder }: ProcessBackendOptions,
): Backend {
  const root = path.resolve(folder);
  const unpack = createUnpacker({ openPackage }, root);
  let recorder: Promise<string | null> | null = null;

  async function begin(step: StepSpec, watch: StepWatch, attempt: string, stepEnvironment: StepEnvironment) {
    const { executionId, stepId, attempt: number } = step;
    const name = attemptName(step);
    const intent = { kind: 'process' as const, name, stepId, attempt: number };
    await ledger.intend(executionId, [intent], watch.signal);
    await resetMocks(step, watch.signal, async (reset, signal) => {
      const port = stepEnvironment.ports[reset.stepId]?.[reset.port];
      if (port === undefined) throw new Error('it is none of its ports');
      return sendReset(reset, { host: '127.0.0.1', port }, signal);
    });
    // A program whose mocks were not reset is not started: whoever comes back does both.
    if (watch.signal.aborted) return false;
    watch.onPhase({ name: 'starting', detail: null });
    recorder ??= installRecorder({ logger }, root);
    await startProgram(step, attempt, stepEnvironment, await recorder);
    ledger.made(executionId, 'process', name);
    return true;
  }

  async function start(step: StepSpec, watch: StepWatch): Promise<RunningStep | StepOutcome> {
    const environment = await readEnvironment(root, step.executionId);
    if (environment?.installation !== installation) {
      throw new AppError('backend_failed', `Execution ${step.executionId} has no environment on ${id}.`);
    }
    watch.onPhase({ name: 'preparing', detail: null });
    const attempt = await attemptFolder(root, step);
    const stepEnvironment = await stepEnvironmentOf(step, await unpack(step), attempt, environment.ports);
    const known = await findLeader(attempt);
    if (!known && watch.signal.aborted) return neverStarted;
    if (!known && stepEnvironment.problem) return notRun(stepEnvironment.problem);
    if (!known) await placeInputs(attempt, step, watch);
    if (!known && watch.signal.aborted) return neverStarted;
    if (!known && !(await begin(step, watch, attempt, stepEnvironment))) return neverStarted;
    const leader = await whenStarted({ clock }, step, attempt);
    return { step, folder: attempt, leader, stepEnvironment };
  }

  return {
    id,
    kind: 'process',
    check: () => check(root),
    refuses: (plan) => explainRefusal(plan.nodes),
    openEnvironment: createEnvironmentOpener({ clock, ledger }, { root, installation }),

    async runStep(step, watch) {
      const reason = whyNotOnProcess(step.node);
      if (reason !== null) {
        const needsImage = step.node.image !== null && step.node.image !== toolboxImage;
        const code = needsImage ? 'image_missing' : 'backend_failed';
        throw new AppError(code, `Step ${step.stepId} cannot run as a process: it ${reason}.`);
      }
      const running = await start(step, watch);
      if ('ended' in running) {
        if (running.ended === 'exited') watch.onRunning();
        return running;
      }
      const outcome = await followProgram({ clock, logger }, running, watch);
      if (!outcome) return handedOver;
      if (step.node.exports.length === 0) return outcome;
      watch.onPhase({ name: 'collecting', detail: null });
      const artifacts = path.join(running.folder, 'artifacts');
      const { notExported, warnings } = await exportFiles(artifacts, step.node.exports, watch);
      return { ...outcome, notExported, warnings: [...outcome.warnings, ...warnings] };
    },

    closeEnvironment: (executionId, onRemoved) =>
      removeEnvironment({ clock }, { root, installation }, executionId, onRemoved),
    listEnvironments: () => listProcessEnvironments({ root, installation }),
  };
}

/** Steps of an execution that start together unpack their package once. */
function createUnpacker(
  { openPackage }: { openPackage: OpenPackage },
  root: string,
): (step: StepSpec) => Promise<string> {
  const unpacking = new Map<string, Promise<string>>();
  return async ({ executionId, node }) => {
    const parent = path.join(environmentFolder(root, executionId), 'packages');
    const key = path.join(parent, node.packageDigest);
    const known = unpacking.get(key) ?? packageFolder({ openPackage }, parent, node.packageDigest);
    unpacking.set(key, known);
    try {
      return await known;
    } finally {
      unpacking.delete(key);
    }
  };
}

async function check(root: string): Promise<Availability> {
  try {
    await access('/bin/sh', constants.X_OK);
    await mkdir(root, { recursive: true, mode: 0o700 });
    await access(root, constants.W_OK);
    const detail = `processes of this machine, Node ${process.versions.node}; no isolation, no limits of CPU and memory`;
    return { available: true, detail };
  } catch (error) {
    return { available: false, reason: `Steps cannot run as processes here: ${messageOf(error)}.` };
  }
}

const nothingKnown = { exitCode: null, signal: null, oomKilled: false, warnings: [] };
const neverStarted: StepOutcome = {
  ...nothingKnown,
  ended: 'stopped',
  reason: 'stopped before its program was started',
};
function notRun({ exitCode, sentence }: ProgramProblem): StepOutcome {
  return { ...nothingKnown, ended: 'exited', exitCode, reason: sentence };
}

const handedOver: StepOutcome = {
  ...nothingKnown,
  ended: 'stopped',
  reason: 'handed over to another control plane',
};
