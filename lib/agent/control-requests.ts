import type { Backend } from '../backends/backend';
import { AppError, messageOf } from '../model/errors';
import { type ControlJob, type JobResult, maxLastLines } from '../model/job';
import type { Masker } from '../model/masker';

export type ControlRequest = Exclude<ControlJob, { kind: 'close' | 'list' | 'exec' }>;

/** Characters of a sentence about a missing image; its end may be the words of a registry. */
const maxSentence = 2_000;

interface ControlDependencies {
  backend: Pick<Backend, 'readLastLines' | 'readUsage' | 'missingImages'>;
  maskerOf(executionId: string): Masker;
}

/** Answers a request about what runs here. The answer contains no secret. */
export async function answerControlRequest(
  deps: ControlDependencies,
  request: ControlRequest,
): Promise<JobResult> {
  if (request.kind === 'usage') return usages(deps, request);
  if (request.kind === 'images') return missingImages(deps, request);
  const masker = deps.maskerOf(request.executionId);
  try {
    return await lastLines(deps, request, masker);
  } catch (error) {
    return failureOf(error, masker);
  }
}

/** Translates an error of a request or a command into the job's result. */
export function failureOf(error: unknown, masker: Masker): JobResult {
  const message = masker.cutText(messageOf(error));
  const code = error instanceof AppError ? error.code : null;
  if (code === 'not_found' || code === 'conflict') return { refusal: { code, message } };
  const isAway = code === 'backend_unavailable';
  return { failure: { code: isAway ? 'backend_unavailable' : 'backend_failed', message } };
}

async function lastLines(
  { backend }: ControlDependencies,
  { executionId, resource, lines }: Extract<ControlRequest, { kind: 'lines' }>,
  masker: Masker,
): Promise<JobResult> {
  if (!backend.readLastLines) throw new AppError('backend_failed', 'This agent cannot read logs.');
  // Masked first: a secret that is cut in two would not be found.
  const text = masker.text(await backend.readLastLines(executionId, resource, lines));
  return { lastLines: text.slice(-maxLastLines) };
}

/** Reads all usages concurrently, since there are few. A container that cannot be read has no reading. */
async function usages(
  { backend }: ControlDependencies,
  { resources }: Extract<ControlRequest, { kind: 'usage' }>,
): Promise<JobResult> {
  const read = async ({ executionId, resource }: (typeof resources)[number]) => {
    const reading = (await backend.readUsage?.(executionId, resource).catch(() => null)) ?? null;
    return { executionId, resource, reading };
  };
  return { usages: await Promise.all(resources.map(read)) };
}

/** Looks for the images on this machine. The platform's logins are for pulls, so that no registry is asked by them. */
async function missingImages(
  { backend }: ControlDependencies,
  { images }: Extract<ControlRequest, { kind: 'images' }>,
): Promise<JobResult> {
  const lookUp = async (asksRegistry: boolean) => {
    const wanted = images.filter((image) => image.asksRegistry === asksRegistry);
    const found = await backend.missingImages?.(wanted, asksRegistry ? { registryLogin: noLogin } : null);
    return new Map(wanted.map((image, index) => [image, found?.[index] ?? null]));
  };
  const [asked, others] = await Promise.all([lookUp(true), lookUp(false)]);
  const told = images.map((image) => asked.get(image) ?? others.get(image));
  return { missingImages: told.map((sentence) => sentence?.slice(0, maxSentence) ?? null) };
}

const noLogin = async () => null;
