import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import type { RequestHandlers, WorkerRequest, WorkerResponse } from './worker-host';

/** Does what would hold up this thread in one of its own, so that a bomb in an input costs only itself. */
export interface WorkerClient<R extends RequestHandlers> {
  /**
   * Rejects with `overloaded` when the thread died, did not start, or took longer than its limit; the next call has a new
   * one. Rejects with an Error when the request itself threw, an AppError of the same code where it was one. A call
   * whose signal has aborted before its turn is not made.
   */
  call<K extends keyof R & string>(
    request: K,
    input: Parameters<R[K]>[0],
    signal?: AbortSignal,
  ): Promise<ReturnType<R[K]>>;
  /** Ends the thread at once. Calls that are not answered yet, and later ones, are rejected with `overloaded`. */
  close(): Promise<void>;
}

export interface WorkerClientOptions {
  /** Where Gantry's own sources are: the folder with `lib`. */
  sourceRoot?: string;
  limitMs?: number;
}

interface Work {
  /** The file, below the folder with `lib`, that calls `serveRequests`. */
  module: string;
  /** "reading": for sentences about it. */
  doing: string;
}

interface Started {
  worker: Worker;
  /** Its module is loaded, which takes seconds on a busy machine and is no fault of an input. */
  ready: Promise<void>;
}

interface Waiting {
  thread: Worker;
  resolve(json: string): void;
  reject(error: Error): void;
}

const entry = 'lib/threads/entry.mjs';
const maxHeapMb = 256;
const startLimitMs = 60_000;

/** The thread starts with the first question, stays, and does not keep the process alive. */
export function startWorkerClient<R extends RequestHandlers>(
  { clock }: { clock: Clock },
  { module, doing }: Work,
  options: WorkerClientOptions = {},
): WorkerClient<R> {
  const limitMs = options.limitMs ?? 10_000;
  const waiting = new Map<number, Waiting>();
  let current: Started | null = null;
  let lastId = 0;
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();

  const fail = (dead: Worker, error: Error) => {
    if (current?.worker === dead) current = null;
    for (const [id, { thread, reject }] of waiting) {
      // One that died may end when the next one is asked already.
      if (thread !== dead) continue;
      waiting.delete(id);
      reject(error);
    }
  };

  const start = (): Started => {
    const root = sourceRootOf(options.sourceRoot);
    const started = new Worker(path.join(/*turbopackIgnore: true*/ root, entry), {
      workerData: { module: pathToFileURL(path.join(/*turbopackIgnore: true*/ root, module)).href },
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    started.unref();
    let onReady = () => {};
    const ready = new Promise<void>((resolve) => {
      onReady = resolve;
    });
    started.on('message', (answer: WorkerResponse) => {
      if ('isReady' in answer) return onReady();
      const pending = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('json' in answer) pending?.resolve(answer.json);
      else if (answer.refusal === null) pending?.reject(new Error(answer.error));
      else {
        const { code, issues } = answer.refusal;
        pending?.reject(new AppError(code, answer.error, { issues }));
      }
    });
    started.on('error', (error) => {
      const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      fail(started, isMemory ? overloaded(`${doing} takes more than ${maxHeapMb} MiB of memory`) : error);
    });
    started.on('exit', () => fail(started, overloaded(`the ${doing} thread ended`)));
    return { worker: started, ready };
  };

  const callNow = async (request: string, input: unknown, signal?: AbortSignal): Promise<string> => {
    if (isClosed) throw overloaded(`the ${doing} thread is closed`);
    if (signal?.aborted) throw new AppError('bad_request', `Nobody waits for ${doing} any more.`);
    current ??= start();
    const { worker: thread, ready } = current;
    const id = ++lastId;
    const answered = new AbortController();
    const answer = new Promise<string>((resolve, reject) => {
      waiting.set(id, { thread, resolve, reject });
      thread.postMessage({ id, request, input } satisfies WorkerRequest);
    });
    const watch = async () => {
      const starting = clock.sleep(startLimitMs, answered.signal).then(() => false);
      const isReady = await Promise.race([ready.then(() => true), starting]);
      if (isReady) await clock.sleep(limitMs, answered.signal);
      if (answered.signal.aborted) return;
      const why = isReady
        ? `${doing} takes longer than ${limitMs / 1000} s`
        : `the ${doing} thread did not start within ${startLimitMs / 1000} s`;
      fail(thread, overloaded(why));
      await thread.terminate();
    };
    void watch();
    try {
      return await answer;
    } finally {
      answered.abort();
    }
  };

  return {
    call(request, input, signal) {
      // One after another: the limit then is one input's own, and a death is the fault of one.
      const answer = queue.then(() => callNow(request, input, signal)).then((json) => JSON.parse(json));
      queue = answer.catch(() => undefined);
      return answer;
    },
    async close() {
      isClosed = true;
      await current?.worker.terminate();
    },
  };
}

function overloaded(why: string): AppError {
  return new AppError('overloaded', why);
}

/**
 * Gantry runs from its sources also when Next has bundled this file: the folder is then not this file's, but the
 * working one. No `new URL(…, import.meta.url)`, which a bundler would take for an asset.
 */
function sourceRootOf(sourceRoot: string | undefined): string {
  const candidates = sourceRoot ? [sourceRoot] : [ownRoot(), /*turbopackIgnore: true*/ process.cwd()];
  const found = candidates.find((root) => existsSync(path.join(/*turbopackIgnore: true*/ root, entry)));
  if (found === undefined)
    throw new Error(`${entry} is not below ${candidates.join(' or ')}: Gantry must run from its checkout`);
  return found;
}

function ownRoot(): string {
  return path.resolve(/*turbopackIgnore: true*/ import.meta.dirname ?? '.', '../..');
}
