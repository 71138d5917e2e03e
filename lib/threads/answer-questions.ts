import { parentPort } from 'node:worker_threads';
import { messageOf } from '../model/errors';

/** What a thread can be asked, by name. Inputs cross threads by structured clone, answers as JSON. */
export type Requests = Record<string, (input: never) => unknown>;

export interface Question {
  id: number;
  request: string;
  input: unknown;
}

/** `json` is the answer as text: it crosses threads and is parsed faster than a cloned structure. */
export type Answer = { id: number; json: string } | { id: number; error: string };

/** Called once by a thread's module. */
export function answerQuestions<R extends Requests>(requests: R): void {
  const known = new Map<string, (input: never) => unknown>(Object.entries(requests));
  parentPort?.on('message', ({ id, request, input }: Question) => {
    parentPort?.postMessage(answerOne(known.get(request), id, input));
  });
}

function answerOne(work: ((input: never) => unknown) | undefined, id: number, input: unknown): Answer {
  try {
    return { id, json: JSON.stringify(work?.(input as never)) };
  } catch (error) {
    return { id, error: messageOf(error) };
  }
}
