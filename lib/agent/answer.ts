import type { Backend } from '../backends/backend';
import { AppError, messageOf } from '../model/errors';
import { type ControlJob, type JobResult, mostLastLines } from '../model/job';
import type { Masker } from '../model/masker';

export type Question = Exclude<ControlJob, { kind: 'close' | 'list' }>;

interface AnswerDependencies {
  backend: Pick<Backend, 'readLastLines'>;
  maskerOf(executionId: string): Masker;
}

/** Looks into what runs here. What leaves this machine has no secret in it. */
export async function answer(deps: AnswerDependencies, question: Question): Promise<JobResult> {
  const masker = deps.maskerOf(question.executionId);
  try {
    return await lastLines(deps, question, masker);
  } catch (error) {
    const message = masker.cutText(messageOf(error));
    const code = error instanceof AppError ? error.code : null;
    if (code === 'not_found' || code === 'conflict') return { refusal: { code, message } };
    return { failure: { code: 'backend_failed', message } };
  }
}

async function lastLines(
  { backend }: AnswerDependencies,
  { executionId, resource, lines }: Question,
  masker: Masker,
): Promise<JobResult> {
  if (!backend.readLastLines) throw new AppError('backend_failed', 'This agent cannot read logs.');
  // Masked first: a secret that is cut in two would not be found.
  const text = masker.text(await backend.readLastLines(executionId, resource, lines));
  return { lastLines: text.slice(-mostLastLines) };
}
