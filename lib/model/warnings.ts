import type { Execution, Step } from './execution';

/** Something that a person should know of a step although nothing failed because of it. */
export interface StepWarning {
  stepId: string;
  attempt: number;
  sentence: string;
}

/** All warnings of a step's attempts, each once; of one that passed only when it was tried again, that it did. */
export function warningsOfStep({
  id,
  status,
  attempts,
}: Pick<Step, 'id' | 'status' | 'attempts'>): StepWarning[] {
  const told = new Set<string>();
  const warnings: StepWarning[] = [];
  const add = (attempt: number, sentence: string) => {
    if (told.has(sentence)) return;
    told.add(sentence);
    warnings.push({ stepId: id, attempt, sentence });
  };
  for (const { number, warnings: own } of attempts) for (const sentence of own) add(number, sentence);
  const last = attempts.at(-1);
  if (status === 'passed' && last && last.number > 1)
    add(last.number, `it passed in attempt ${last.number}, and not before`);
  return warnings;
}

/** The warnings of all steps of an execution, in the order of its steps. */
export function warningsOf({ steps }: Pick<Execution, 'steps'>): StepWarning[] {
  return steps.flatMap(warningsOfStep);
}
