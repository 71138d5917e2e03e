import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { Cluster } from './cluster';
import { refusalStatus } from './cluster-errors';
import { type Pod, pod, podList } from './objects';

/** What a follower is told: the pod as it stands, that it is gone, or that the cluster has been away for too long. */
export type PodChange = { pod: Pod } | { gone: Pod | null } | { lost: string };

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
  const pods = new Map<string, Pod>();
  const followers = new Map<string, Set<(news: PodChange) => void>>();
  const allFollowers = new Set<() => void>();
  let running: AbortController | null = null;
  let version = '';
  let lastContactMs = 0;

  function tell(key: string, news: PodChange): void {
    for (const follower of followers.get(key) ?? []) follower(news);
    for (const follower of allFollowers) follower();
  }

  function put(next: Pod): void {
    const key = keyOf(next.metadata);
    if (pods.get(key)?.metadata.resourceVersion === next.metadata.resourceVersion) return;
    pods.set(key, next);
    tell(key, { pod: next });
  }

  async function list(): Promise<void> {
    const asked = new Set(followers.keys());
    const found = podList.parse(await cluster.request('list its pods', path, { query: { labelSelector } }));
    lastContactMs = clock.monotonicMs();
    const present = new Set(found.items.map(({ metadata }) => keyOf(metadata)));
    for (const key of new Set([...pods.keys(), ...asked])) {
      if (present.has(key)) continue;
      const gone = pods.get(key) ?? null;
      pods.delete(key);
      tell(key, { gone });
    }
    for (const each of found.items) put(each);
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
    if (parsed && type === 'DELETED') {
      pods.delete(keyOf(parsed.metadata));
      tell(keyOf(parsed.metadata), { gone: parsed });
    } else if (parsed) {
      put(parsed);
    }
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
        if (absentMs > absenceLimitMs) giveUp(absentMs, messageOf(error));
        await clock.sleep(Math.min(pauseMs.most, pauseMs.first * 2 ** (failures - 1)), signal);
      }
    }
  }

  function giveUp(absentMs: number, reason: string): void {
    for (const key of followers.keys())
      tell(key, { lost: `its pods could not be watched for ${Math.round(absentMs / 1000)} s: ${reason}` });
  }

  function start(): void {
    if (running) return;
    running = new AbortController();
    version = '';
    void run(running.signal);
  }

  function stopWhenAlone(): void {
    if (followers.size > 0 || allFollowers.size > 0) return;
    running?.abort();
    running = null;
    pods.clear();
  }

  return {
    follow(namespace, name, onNews) {
      const key = keyOf({ namespace, name });
      const ofKey = followers.get(key) ?? new Set();
      followers.set(key, ofKey.add(onNews));
      const found = pods.get(key);
      if (found) onNews({ pod: found });
      start();
      return () => {
        ofKey.delete(onNews);
        if (ofKey.size === 0 && followers.get(key) === ofKey) followers.delete(key);
        stopWhenAlone();
      };
    },
    followAll(onChange) {
      allFollowers.add(onChange);
      start();
      return () => {
        allFollowers.delete(onChange);
        stopWhenAlone();
      };
    },
    known: () => [...pods.values()],
  };
}

const bookmark = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line !== '') yield line;
  }
}
