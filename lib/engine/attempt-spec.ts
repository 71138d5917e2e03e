import type { Execution } from '../model/execution';
import type { PlannedNode } from '../model/node';
import { outputFile } from '../model/outputs';
import { outputsOf } from '../model/outputs-of';
import type { Plan } from '../model/plan';
import type { StepInput } from '../model/step-input';
import type { StepSpec } from '../model/step-spec';
import type { StepTracing } from '../model/telemetry';
import { fillTemplates } from '../planning/fill-templates';
import type { Recorder } from './recorder';
import { reportProbes } from './reports/hint-at-reports';
import type { SecretValues } from './secret-values';
import { makeStepSpec, type ServiceDirectory } from './step-spec';

export interface SpecContext {
  plan: Plan;
  execution: Pick<Execution, 'id' | 'backend' | 'createdAt'>;
  services: ServiceDirectory;
  secrets: SecretValues;
  recorder: Recorder;
}

/** The node with what is known only once others have ended, or what keeps it from starting. */
export function fillNode(
  { execution, recorder }: SpecContext,
  node: PlannedNode,
): ReturnType<typeof fillTemplates> {
  return fillTemplates(node, {
    executionId: execution.id,
    outputsOf: (stepId) => outputsOf(recorder.step(stepId)),
  });
}

/** Of a filled node. */
export function specOfAttempt(
  { tracing }: { tracing: StepTracing },
  { plan, execution, services, secrets }: SpecContext,
  node: PlannedNode,
  attempt: number,
  inputs: StepInput[],
): StepSpec {
  const surroundings = { services: services.visibleTo(node.id), secrets: secrets.of(node), tracing };
  return {
    ...makeStepSpec(plan, surroundings, execution, node, attempt),
    ...(inputs.length > 0 ? { inputs } : {}),
  };
}

/** As the backend gets it, which looks for the outputs, and for reports that no export names, as well. */
export function withProbes(spec: StepSpec): StepSpec {
  const exports = [...spec.node.exports, ...reportProbes(spec.node.exports)];
  if (spec.node.outputs) exports.push({ path: outputFile, format: 'file', on: 'success', required: false });
  return { ...spec, node: { ...spec.node, exports } };
}
