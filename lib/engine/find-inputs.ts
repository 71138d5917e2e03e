import type { Step } from '../model/execution';
import type { PlannedNode } from '../model/node';
import { resolveInputs, type SourceArtifacts } from './resolve-inputs';
import { retryStore } from './retry-store';
import type { AttemptDependencies } from './run-step-attempt';

interface Context {
  execution: { id: string };
  recorder: { step(id: string): Step };
  abandoned: AbortSignal;
}

/** Finds the artifacts that a node gets: those of its own execution, or of the one whose result was taken over. */
export async function findInputs(
  deps: AttemptDependencies,
  { execution, recorder, abandoned }: Context,
  { id, inputs = [] }: PlannedNode,
): Promise<ReturnType<typeof resolveInputs>> {
  if (inputs.length === 0) return { inputs: [] };
  const sources = new Map<string, SourceArtifacts>();
  for (const { from } of inputs) {
    const step = recorder.step(from);
    if (step.status !== 'passed' || sources.has(from)) continue;
    const executionId = step.takeOver?.from ?? execution.id;
    const all = await retryStore(deps, { execution: execution.id, step: id }, abandoned, () =>
      deps.store.artifacts.list(executionId),
    );
    const own = all.filter(({ stepId }) => stepId === from);
    const last = Math.max(...own.map(({ attempt }) => attempt));
    sources.set(from, { executionId, artifacts: own.filter(({ attempt }) => attempt === last) });
  }
  return resolveInputs(inputs, (from) => sources.get(from) ?? null);
}
