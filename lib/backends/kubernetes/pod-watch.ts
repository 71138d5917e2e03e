import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { Cluster } from './cluster';
import { refusalStatus } from './cluster-errors';
import { createKnownPods, type PodChange } from './known-pods';
import { type Pod, pod, podList } from './objects';

/** All pods of the installation by one watch, however many steps run. It is there as long as somebody follows. */
export interface PodWatch {
  /** Tells at once what is known, then every change. Returns how to stop. */
  follow(namespace: string, name: string, onNews: (news: PodChange) => void): () => void;
  /** Hears of any change. Returns how to stop. */
  followAll(onChange: () => void): () => void;
  /** The pods that are known now. */
  known(): Pod[];
}

/** The server ends a watch after this time, and another one goes on from there. */
export const watchSeconds = 240;
/** A connection that outlives the server's own end is dead. */
const deadMs = (watchSeconds + 20) * 1000;
/** How long the API server may be away before steps are given up. */
const absenceLimitMs = 120_000;
const pauseMs = { first: 200, most: 5_000 };

const watchEvent = z.object({ type: z.string(), object: z.unknown() });
const statusObject = z.object({ code: z.int().nullish(), message: z.string().nullish() });

export function createPodWatch(
  { clock, cluster, logger }: { clock: Clock; cluster: Cluster; logger: Logger },
  { path, labelSelector }: { path: string; labelSelector: string },
): PodWatch {
  const pods = createKnownPods();
  let running: AbortController | null = null;
  let version = '';
  let lastContactMs = 0;

  async function list(): Promise<void> {
    const followedBefore = pods.followed();
    const found = podList.parse(await cluster.request('list its pods', path, { query: { labelSelector } }));
    lastContactMs = clock.monotonicMs();
    pods.replaceAll(found.items, followedBefore);
    version = found.metadata.resourceVersion;
  }

  async function watch(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const stop = AbortSignal.any([signal, ended.signal]);
    const query = {
      watch: true,
      labelSelector,
      resourceVersion: version,
      allowWatchBookmarks: true,
      timeoutSeconds: watchSeconds,
    };
    const dead = clock.sleep(deadMs, stop).then(() => ended.abort());
    try {
      const response = await cluster.open('watch its pods', path, query, stop);
      for await (const line of linesOf(response)) {
        lastContactMs = clock.monotonicMs();
        take(watchEvent.parse(JSON.parse(line)));
      }
    } finally {
      ended.abort();
      await dead;
    }
  }

  function take({ type, object }: z.infer<typeof watchEvent>): void {
    if (type === 'ERROR') {
      const { code, message } = statusObject.parse(object);
      // What happened since is no longer known there: 410. Whatever it is, a list starts anew.
      version = '';
      throw new Error(`the watch of pods ended: ${code ?? ''} ${message ?? ''}`);
    }
    const parsed = type === 'BOOKMARK' ? null : pod.parse(object);
    if (parsed && type === 'DELETED') pods.remove(parsed);
    else if (parsed) pods.put(parsed);
    version = bookmark.parse(object).metadata.resourceVersion;
  }

  async function run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    lastContactMs = clock.monotonicMs();
    while (!signal.aborted) {
      try {
        if (version === '') await list();
        await watch(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (refusalStatus(error) === 410) version = '';
        failures += 1;
        if (failures > 1) logger.warn({ error: messageOf(error) }, 'the pods of a cluster are not watched');
        const absentMs = clock.monotonicMs() - lastContactMs;
        if (absentMs > absenceLimitMs)
          pods.lose(
            `its pods could not be watched for ${Math.round(absentMs / 1000)} s: ${messageOf(error)}`,
          );
        await clock.sleep(Math.min(pauseMs.most, pauseMs.first * 2 ** (failures - 1)), signal);
      }
    }
  }

  /** Watches for `follow`, which returns how to stop, until nobody follows any more. */
  function watchFor(follow: () => () => void): () => void {
    const stop = follow();
    if (!running) {
      running = new AbortController();
      version = '';
      void run(running.signal);
    }
    return () => {
      stop();
      if (pods.isFollowed()) return;
      running?.abort();
      running = null;
      pods.clear();
    };
  }

  return {
    follow: (...call) => watchFor(() => pods.follow(...call)),
    followAll: (onChange) => watchFor(() => pods.followAll(onChange)),
    known: pods.all,
  };
}

const bookmark = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line !== '') yield line;
  }
}
