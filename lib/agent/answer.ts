import type { Backend } from '../backends/backend';
import { AppError, messageOf } from '../model/errors';
import { type ControlJob, type JobResult, mostLastLines } from '../model/job';
import type { Masker } from '../model/masker';

export type Question = Exclude<ControlJob, { kind: 'close' | 'list' | 'exec' }>;

interface AnswerDependencies {
  backend: Pick<Backend, 'readLastLines' | 'readUsage'>;
  maskerOf(executionId: string): Masker;
}

/** Looks into what runs here. What leaves this machine has no secret in it. */
export async function answer(deps: AnswerDependencies, question: Question): Promise<JobResult> {
  if (question.kind === 'usage') return usages(deps, question);
  const masker = deps.maskerOf(question.executionId);
  try {
    return await lastLines(deps, question, masker);
  } catch (error) {
    return whyNot(error, masker);
  }
}

/** What became of a question or a command that could not be answered or run. */
export function whyNot(error: unknown, masker: Masker): JobResult {
  const message = masker.cutText(messageOf(error));
  const code = error instanceof AppError ? error.code : null;
  if (code === 'not_found' || code === 'conflict') return { refusal: { code, message } };
  const isAway = code === 'backend_unavailable';
  return { failure: { code: isAway ? 'backend_unavailable' : 'backend_failed', message } };
}

async function lastLines(
  { backend }: AnswerDependencies,
  { executionId, resource, lines }: Extract<Question, { kind: 'lines' }>,
  masker: Masker,
): Promise<JobResult> {
  if (!backend.readLastLines) throw new AppError('backend_failed', 'This agent cannot read logs.');
  // Masked first: a secret that is cut in two would not be found.
  const text = masker.text(await backend.readLastLines(executionId, resource, lines));
  return { lastLines: text.slice(-mostLastLines) };
}

/** All at the same time: there are few. One that cannot be read has none. */
async function usages(
  { backend }: AnswerDependencies,
  { resources }: Extract<Question, { kind: 'usage' }>,
): Promise<JobResult> {
  const read = async ({ executionId, resource }: (typeof resources)[number]) => {
    const reading = (await backend.readUsage?.(executionId, resource).catch(() => null)) ?? null;
    return { executionId, resource, reading };
  };
  return { usages: await Promise.all(resources.map(read)) };
}
