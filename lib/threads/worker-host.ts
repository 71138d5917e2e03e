import { parentPort } from 'node:worker_threads';
import { AppError, type ErrorCode, type InputIssue, messageOf } from '../model/errors';

/** The requests that a thread answers, by name. Inputs cross threads by structured clone, answers as JSON. */
export type RequestHandlers = Record<string, (input: never) => unknown>;

export interface WorkerRequest {
  id: number;
  request: string;
  input: unknown;
}

/** `json` is the answer as text: it crosses threads and is parsed faster than a cloned structure. */
export type WorkerResponse =
  | { id: number; json: string }
  | { id: number; error: string; refusal: { code: ErrorCode; issues: InputIssue[] } | null }
  | { isReady: true };

/** Called once by a thread's module. */
export function serveRequests<R extends RequestHandlers>(requests: R): void {
  const handlers = new Map<string, (input: never) => unknown>(Object.entries(requests));
  parentPort?.on('message', ({ id, request, input }: WorkerRequest) => {
    parentPort?.postMessage(serveOne(handlers.get(request), id, input));
  });
  parentPort?.postMessage({ isReady: true } satisfies WorkerResponse);
}

function serveOne(work: ((input: never) => unknown) | undefined, id: number, input: unknown): WorkerResponse {
  try {
    return { id, json: JSON.stringify(work?.(input as never)) };
  } catch (error) {
    const refusal = error instanceof AppError ? { code: error.code, issues: error.issues } : null;
    return { id, error: messageOf(error), refusal };
  }
}
