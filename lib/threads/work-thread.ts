import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock';
import type { Answer, Question, Requests } from './answer-questions';

/** Does what would hold up this thread in one of its own, so that a bomb in an input costs only itself. */
export interface WorkThread<R extends Requests> {
  /** Rejects with a sentence when the thread died or took longer than its limit; the next call has a new one. */
  ask<K extends keyof R & string>(request: K, input: Parameters<R[K]>[0]): Promise<ReturnType<R[K]>>;
  close(): Promise<void>;
}

export interface WorkThreadOptions {
  /** Where Gantry's own sources are: the folder with `lib`. */
  sourceRoot?: string;
  limitMs?: number;
}

interface Work {
  /** The file, below the folder with `lib`, that calls `answerQuestions`. */
  module: string;
  /** "reading": for sentences about it. */
  doing: string;
}

interface Waiting {
  thread: Worker;
  resolve(json: string): void;
  reject(error: Error): void;
}

const entry = 'lib/threads/entry.mjs';
const maxHeapMb = 256;

/** The thread starts with the first question, stays, and does not keep the process alive. */
export function startWorkThread<R extends Requests>(
  { clock }: { clock: Clock },
  { module, doing }: Work,
  options: WorkThreadOptions = {},
): WorkThread<R> {
  const limitMs = options.limitMs ?? 10_000;
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let lastId = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const fail = (dead: Worker, error: Error) => {
    if (worker === dead) worker = null;
    for (const [id, { thread, reject }] of waiting) {
      // One that died may end when the next one is asked already.
      if (thread !== dead) continue;
      waiting.delete(id);
      reject(error);
    }
  };

  const start = (): Worker => {
    const root = sourceRootOf(options.sourceRoot);
    const started = new Worker(path.join(/*turbopackIgnore: true*/ root, entry), {
      workerData: { module: pathToFileURL(path.join(/*turbopackIgnore: true*/ root, module)).href },
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    started.unref();
    started.on('message', (answer: Answer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('json' in answer) asked?.resolve(answer.json);
      else asked?.reject(new Error(answer.error));
    });
    started.on('error', (error) => {
      const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      fail(started, isMemory ? new Error(`${doing} takes more than ${maxHeapMb} MiB of memory`) : error);
    });
    started.on('exit', () => fail(started, new Error(`the ${doing} thread ended`)));
    return started;
  };

  const askNow = async (request: string, input: unknown): Promise<string> => {
    worker ??= start();
    const thread = worker;
    const id = ++lastId;
    const answered = new AbortController();
    const answer = new Promise<string>((resolve, reject) => {
      waiting.set(id, { thread, resolve, reject });
      thread.postMessage({ id, request, input } satisfies Question);
    });
    void clock.sleep(limitMs, answered.signal).then(async () => {
      if (answered.signal.aborted) return;
      fail(thread, new Error(`${doing} takes longer than ${limitMs / 1000} s`));
      await thread.terminate();
    });
    try {
      return await answer;
    } finally {
      answered.abort();
    }
  };

  return {
    ask(request, input) {
      // One after another: the limit then is one input's own, and a death is the fault of one.
      const answer = queue.then(() => askNow(request, input)).then((json) => JSON.parse(json));
      queue = answer.catch(() => undefined);
      return answer;
    },
    async close() {
      await queue;
      await worker?.terminate();
    },
  };
}

/**
 * Gantry runs from its sources also when Next has bundled this file: the folder is then not this file's, but the
 * working one. No `new URL(…, import.meta.url)`, which a bundler would take for an asset.
 */
function sourceRootOf(given: string | undefined): string {
  const candidates = given ? [given] : [ownRoot(), /*turbopackIgnore: true*/ process.cwd()];
  const found = candidates.find((root) => existsSync(path.join(/*turbopackIgnore: true*/ root, entry)));
  if (found === undefined)
    throw new Error(`${entry} is not below ${candidates.join(' or ')}: Gantry must run from its checkout`);
  return found;
}

function ownRoot(): string {
  return path.resolve(/*turbopackIgnore: true*/ import.meta.dirname ?? '.', '../..');
}
