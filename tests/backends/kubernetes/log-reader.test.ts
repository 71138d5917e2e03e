import { afterEach, beforeEach, expect, it } from 'vitest';
import { readLog } from '@/lib/backends/kubernetes/log-reader';
import { createLineDelivery } from '@/lib/backends/line-delivery';
import { systemClock } from '@/lib/clock';
import { openScriptedCluster, type ScriptedCluster } from './scripted-cluster';

const clock = systemClock;
let scripted: ScriptedCluster;
let lines: string[];
let said: string[];
let end: () => void;

beforeEach(async () => {
  scripted = await openScriptedCluster();
});
afterEach(() => scripted.close());

const at = (second: number, nanos: string) => `2026-01-02T03:04:0${second}.${nanos}Z`;

function read({ skip = 0, endMark = null }: { skip?: number; endMark?: string | null } = {}): Promise<void> {
  lines = [];
  said = [];
  const delivery = createLineDelivery({ clock }, async (batch) => {
    lines.push(...batch.map(({ text }) => text));
  });
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const source = { namespace: 'n', pod: 'p', container: 'main', stream: 'stdout' as const, endMark };
  const sink = { delivery, onEveryLine: () => undefined, say: (text: string) => said.push(text) };
  const { cluster } = scripted;
  return readLog({ clock, cluster }, source, skip, sink, ended, new AbortController().signal).then(() =>
    delivery.flush(),
  );
}

it('goes on after a cut at the second that it had read, without a line lost or doubled', async () => {
  const reading = read();
  const first = await scripted.next();
  expect(first.query).toMatchObject({ follow: 'true', container: 'main', timestamps: 'true' });
  expect(first.query.sinceTime).toBeUndefined();
  first.begin(`${at(1, '1')} a\n${at(2, '1')} b\n${at(2, '15')} c\n${at(2, '2')} half a l`);
  await expect.poll(() => lines).toEqual(['a', 'b', 'c']);
  first.cut();
  const second = await scripted.next();
  expect(second.query.sinceTime).toBe('2026-01-02T03:04:02Z');
  second.begin(`${at(2, '1')} b\n${at(2, '15')} c\n${at(2, '2')} half a line\n${at(3, '1')} d\n`);
  await expect.poll(() => lines).toEqual(['a', 'b', 'c', 'half a line', 'd']);
  end();
  const last = await scripted.next();
  expect(last.query).toMatchObject({ follow: 'false', sinceTime: '2026-01-02T03:04:03Z' });
  last.answer(`${at(3, '1')} d\n${at(3, '2')} without an ending`);
  await reading;
  expect(lines).toEqual(['a', 'b', 'c', 'half a line', 'd', 'without an ending']);
  expect(said).toEqual([]);
});

it('says that lines are missing when the log was rotated away meanwhile', async () => {
  const reading = read();
  const first = await scripted.next();
  first.begin(`${at(1, '1')} a\n${at(1, '2')} b\n`);
  await expect.poll(() => lines).toEqual(['a', 'b']);
  first.cut();
  const second = await scripted.next();
  second.begin(`${at(5, '1')} y\n${at(5, '2')} z\n`);
  await expect.poll(() => lines).toEqual(['a', 'b', 'y', 'z']);
  expect(said).toEqual(['lines of stdout are missing here: the cluster has rotated the log away']);
  end();
  (await scripted.next()).answer(`${at(5, '1')} y\n${at(5, '2')} z\n`);
  await reading;
  expect(lines).toEqual(['a', 'b', 'y', 'z']);
});

it('leaves away what an earlier reader had, and reads to the mark', async () => {
  const reading = read({ skip: 2, endMark: '\u001eend' });
  const first = await scripted.next();
  first.begin(`${at(1, '1')} a\n${at(1, '2')} b\n${at(1, '3')} c\n${at(1, '4')} last\u001eend\n`);
  await expect.poll(() => lines).toEqual(['c']);
  end();
  await reading;
  expect(lines).toEqual(['c', 'last']);
});
