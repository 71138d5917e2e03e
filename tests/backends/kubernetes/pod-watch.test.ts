import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PodChange } from '@/lib/backends/kubernetes/known-pods';
import { createPodWatch, type PodWatch } from '@/lib/backends/kubernetes/pod-watch';
import { systemClock } from '@/lib/clock';
import { silentLogger } from '../../support/silent-logger';
import { openScriptedCluster, type ScriptedCluster } from './scripted-cluster';

let scripted: ScriptedCluster;
let watch: PodWatch;
let news: string[];
let stop: () => void;

beforeEach(async () => {
  scripted = await openScriptedCluster();
  watch = createPodWatch(
    { clock: systemClock, cluster: scripted.cluster, logger: silentLogger },
    { path: '/api/v1/pods', labelSelector: 'a=b' },
  );
  news = [];
  stop = watch.follow('n', 'p', (each) => news.push(wordsOf(each)));
});
afterEach(async () => {
  stop();
  await scripted.close();
});

function wordsOf(each: PodChange): string {
  if ('lost' in each) return 'lost';
  return 'pod' in each ? `${each.pod.status.phase} ${each.pod.metadata.resourceVersion}` : 'gone';
}

const podOf = (phase: string, version: string, name = 'p') => ({
  metadata: { name, namespace: 'n', resourceVersion: version },
  status: { phase },
});
const listOf = (version: string, ...items: object[]) =>
  JSON.stringify({ metadata: { resourceVersion: version }, items });
const eventOf = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;

it('lists once, watches from there, and tells changes of its own pod alone', async () => {
  const list = await scripted.next();
  expect(list).toMatchObject({ path: '/api/v1/pods', query: { labelSelector: 'a=b' } });
  list.answer(listOf('10', podOf('Pending', '9'), podOf('Running', '8', 'other')));
  const watching = await scripted.next();
  expect(watching.query).toMatchObject({ watch: 'true', resourceVersion: '10', allowWatchBookmarks: 'true' });
  watching.begin(eventOf('MODIFIED', podOf('Running', '11')));
  watching.begin(eventOf('MODIFIED', podOf('Failed', '12', 'other')));
  watching.begin(eventOf('DELETED', podOf('Running', '13')));
  await expect.poll(() => news).toEqual(['Pending 9', 'Running 11', 'gone']);
  expect(watch.known().map(({ metadata }) => metadata.name)).toEqual(['other']);
});

it('goes on from the last version that a bookmark told when the server ends the watch', async () => {
  (await scripted.next()).answer(listOf('10', podOf('Running', '9')));
  const first = await scripted.next();
  first.begin(eventOf('BOOKMARK', { metadata: { resourceVersion: '500' } }));
  first.end();
  expect((await scripted.next()).query).toMatchObject({ watch: 'true', resourceVersion: '500' });
});

it('lists anew when the server no longer knows the version, and finds what has gone', async () => {
  (await scripted.next()).answer(listOf('10', podOf('Running', '9')));
  const expired = { code: 410, message: 'too old resource version' };
  (await scripted.next()).answer(eventOf('ERROR', expired));
  const list = await scripted.next();
  expect(list.query.watch).toBeUndefined();
  list.answer(listOf('900'));
  await expect.poll(() => news).toEqual(['Running 9', 'gone']);
  const again = await scripted.next();
  expect(again.query.resourceVersion).toBe('900');
  again.answer(JSON.stringify(expired), 410);
  expect((await scripted.next()).query.watch).toBeUndefined();
});

it('comes back after a cut and hears what has changed since', async () => {
  (await scripted.next()).answer(listOf('10', podOf('Pending', '9')));
  (await scripted.next()).cut();
  const again = await scripted.next();
  expect(again.query).toMatchObject({ watch: 'true', resourceVersion: '10' });
  again.begin(eventOf('MODIFIED', podOf('Running', '11')));
  await expect.poll(() => news).toEqual(['Pending 9', 'Running 11']);
});

it('is one watch, however many follow', async () => {
  const others = ['q', 'r', 's'].map((name) => watch.follow('n', name, () => undefined));
  (await scripted.next()).answer(listOf('10'));
  const watching = await scripted.next();
  const heard: string[] = [];
  others.push(watch.follow('n', 't', (each) => heard.push(wordsOf(each))));
  watching.begin(eventOf('ADDED', podOf('Pending', '11', 't')));
  await expect.poll(() => heard).toEqual(['Pending 11']);
  for (const unfollow of others) unfollow();
});
