import { existsSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock';
import type { ReadAnswer, ReadQuestion, ReadRequests } from './read-worker';

/** Reads folders in a thread of its own, so that a large suite or a bomb never holds up this one. */
export interface ReadThread {
  /** Rejects with a sentence when the thread died or took longer than its limit; the next call has a new one. */
  ask<R extends keyof ReadRequests>(request: R, path: string): Promise<ReturnType<ReadRequests[R]>>;
  close(): Promise<void>;
}

export interface ReadThreadOptions {
  /** Where Gantry's own sources are: the folder with `lib`. */
  sourceRoot?: string;
  limitMs?: number;
}

interface Waiting {
  thread: Worker;
  resolve(json: string): void;
  reject(error: Error): void;
}

const entry = 'lib/suites/read-worker.mjs';
const maxHeapMb = 256;

/** The thread starts with the first question, stays, and does not keep the process alive. */
export function startReadThread({ clock }: { clock: Clock }, options: ReadThreadOptions = {}): ReadThread {
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
    const started = new Worker(entryFile(options.sourceRoot), {
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    started.unref();
    started.on('message', (answer: ReadAnswer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('json' in answer) asked?.resolve(answer.json);
      else asked?.reject(new Error(answer.error));
    });
    started.on('error', (error) => {
      const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      fail(started, isMemory ? new Error(`reading takes more than ${maxHeapMb} MiB of memory`) : error);
    });
    started.on('exit', () => fail(started, new Error('the reading thread ended')));
    return started;
  };

  const askNow = async (request: keyof ReadRequests, path: string): Promise<string> => {
    worker ??= start();
    const thread = worker;
    const id = ++lastId;
    const answered = new AbortController();
    const answer = new Promise<string>((resolve, reject) => {
      waiting.set(id, { thread, resolve, reject });
      thread.postMessage({ id, request, path } satisfies ReadQuestion);
    });
    void clock.sleep(limitMs, answered.signal).then(async () => {
      if (answered.signal.aborted) return;
      fail(thread, new Error(`reading takes longer than ${limitMs / 1000} s`));
      await thread.terminate();
    });
    try {
      return await answer;
    } finally {
      answered.abort();
    }
  };

  return {
    ask(request, path) {
      // One after another: the limit then is one folder's own, and a death is the fault of one.
      const answer = queue.then(() => askNow(request, path)).then((json) => JSON.parse(json));
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
function entryFile(sourceRoot: string | undefined): string {
  const candidates = sourceRoot ? [sourceRoot] : [ownRoot(), /*turbopackIgnore: true*/ process.cwd()];
  const found = candidates.map((root) => path.join(/*turbopackIgnore: true*/ root, entry)).find(existsSync);
  if (!found)
    throw new Error(`${entry} is not below ${candidates.join(' or ')}: Gantry must run from its checkout`);
  return found;
}

function ownRoot(): string {
  return path.resolve(/*turbopackIgnore: true*/ import.meta.dirname ?? '.', '../..');
}
