import { afterEach, beforeEach, expect, it } from 'vitest';
import { readLog } from '@/lib/backends/kubernetes/log-reader';
import { createLineDelivery } from '@/lib/backends/line-delivery';
import { systemClock } from '@/lib/clock';
import type { OutputLine, StreamEnd } from '@/lib/model/log-line';
import { openScriptedCluster, type ScriptedCluster } from './scripted-cluster';

const clock = systemClock;
let scripted: ScriptedCluster;
let lines: string[];
let said: string[];
let seen: string[];
let end: () => void;

beforeEach(async () => {
  scripted = await openScriptedCluster();
});
afterEach(() => scripted.close());

const at = (second: number, nanos: string) => `2026-01-02T03:04:0${second}.${nanos}Z`;

function read({
  skip = 0,
  end: known,
  endMark = null,
  needsAll = false,
  isCounted = false,
  startedMs = null,
}: {
  skip?: number;
  end?: StreamEnd | null;
  endMark?: string | null;
  needsAll?: boolean;
  isCounted?: boolean;
  startedMs?: number | null;
} = {}): Promise<void> {
  lines = [];
  said = [];
  seen = [];
  const delivery = createLineDelivery({ clock }, async (batch) => {
    lines.push(...batch.map(({ text }) => text));
  });
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const source = { namespace: 'n', pod: 'p', container: 'main', stream: 'stdout' as const, endMark };
  const emit = (text: string) => said.push(text);
  const onEveryLine = (all: OutputLine[]) => seen.push(...all.map(({ text }) => text));
  const sink = { delivery, onEveryLine, emit, onGap: emit };
  const start = { lines: skip, end: known, needsAll };
  const { cluster } = scripted;
  return readLog(
    { clock, cluster },
    { ...source, hasInnerTimes: false, isCounted, startedMs },
    start,
    sink,
    ended,
    new AbortController().signal,
  ).then(() => delivery.flush());
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
  expect(said).toEqual([
    'lines of stdout are missing: the cluster has rotated away what was printed between 2026-01-02T03:04:01.200Z and 2026-01-02T03:04:05.100Z',
  ]);
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

it('reads to the mark in the connection that it has, though the program has ended before', async () => {
  const reading = read({ endMark: '\u001eend' });
  const first = await scripted.next();
  first.begin(`${at(1, '1')} a\n`);
  await expect.poll(() => lines).toEqual(['a']);
  let more = 0;
  void scripted.next().then(() => {
    more += 1;
  });
  end();
  first.begin(`${at(1, '2')} last\u001eend\n`);
  await reading;
  expect(lines).toEqual(['a', 'last']);
  expect(more).toBe(0);
});

it('asks again where the connection that it has does not bring the mark', async () => {
  const reading = read({ endMark: '\u001eend' });
  const first = await scripted.next();
  first.begin(`${at(1, '1')} a\n`);
  await expect.poll(() => lines).toEqual(['a']);
  end();
  const second = await scripted.next();
  expect(second.query).toMatchObject({ follow: 'false', sinceTime: '2026-01-02T03:04:01Z' });
  second.answer(`${at(1, '1')} a\n${at(1, '2')} last\u001eend\n`);
  await reading;
  expect(lines).toEqual(['a', 'last']);
  expect(said).toEqual([]);
});

it('goes on by time where another control plane has stopped, whatever the log has lost of its beginning', async () => {
  const reading = read({ skip: 400_000, end: { atMs: Date.parse(at(2, '100')), lines: 2 } });
  const first = await scripted.next();
  expect(first.query.sinceTime).toBe('2026-01-02T03:04:02Z');
  first.begin(
    `rest of an older line\n${at(2, '0990')} a\n${at(2, '1001')} b\n${at(2, '1002')} c\n${at(2, '1003')} d\n${at(3, '1')} e\n`,
  );
  await expect.poll(() => lines).toEqual(['d', 'e']);
  end();
  (await scripted.next()).answer(`${at(3, '1')} e\n`);
  await reading;
  expect(lines).toEqual(['d', 'e']);
  expect(said).toEqual([]);
});

it('says from when to when lines are missing that were rotated away before another control plane came', async () => {
  const reading = read({ skip: 240_000, end: { atMs: Date.parse(at(2, '1')), lines: 1 } });
  (await scripted.next()).begin(`${at(6, '25')} y\n${at(6, '26')} z\n`);
  await expect.poll(() => lines).toEqual(['y', 'z']);
  expect(said).toEqual([
    'lines of stdout are missing: the cluster has rotated away what was printed between 2026-01-02T03:04:02.100Z and 2026-01-02T03:04:06.250Z',
  ]);
  end();
  (await scripted.next()).answer(`${at(6, '25')} y\n${at(6, '26')} z\n`);
  await reading;
  expect(lines).toEqual(['y', 'z']);
});

it('says it too where one line alone is left', async () => {
  const reading = read({ skip: 9, end: { atMs: Date.parse(at(2, '1')), lines: 1 } });
  await scripted.next();
  end();
  (await scripted.next()).answer(`${at(6, '25')} z\n`);
  await reading;
  expect(lines).toEqual(['z']);
  expect(said).toHaveLength(1);
});

it('reads from the beginning what somebody looks for in all lines, and shows each once', async () => {
  const reading = read({ skip: 2, end: { atMs: Date.parse(at(2, '1')), lines: 1 }, needsAll: true });
  const first = await scripted.next();
  expect(first.query.sinceTime).toBeUndefined();
  first.begin(`${at(1, '1')} a\n`);
  await expect.poll(() => seen).toEqual(['a']);
  first.cut();
  const second = await scripted.next();
  expect(second.query.sinceTime).toBeUndefined();
  second.begin(`${at(1, '1')} a\n${at(2, '1')} b\n${at(3, '1')} c\n`);
  await expect.poll(() => lines).toEqual(['c']);
  end();
  (await scripted.next()).answer(`${at(3, '1')} c\n`);
  await reading;
  expect(seen).toEqual(['a', 'b', 'c']);
  expect(lines).toEqual(['c']);
});

const long = `${'x'.repeat(16_384)}and the rest`;

it('does not double a long line that began in the second before', async () => {
  const reading = read();
  (await scripted.next()).begin(`${at(1, '9')} ${long}\n${at(2, '5')} z\n`);
  await expect.poll(() => lines).toEqual([long, 'z']);
  end();
  const last = await scripted.next();
  expect(last.query.sinceTime).toBe('2026-01-02T03:04:02Z');
  last.answer(`and the rest\n${at(2, '5')} z\n${at(2, '6')} new\n`);
  await reading;
  expect(lines).toEqual([long, 'z', 'new']);
  expect(said).toEqual([]);
});

it('takes the rest of a line for no line of its own, though it begins as a time does', async () => {
  const reading = read();
  const text = `${'x'.repeat(16_384)}${at(9, '1')} of something`;
  (await scripted.next()).begin(`${at(1, '9')} ${text}\n${at(2, '5')} z\n`);
  await expect.poll(() => lines).toEqual([text, 'z']);
  end();
  (await scripted.next()).answer(`${at(9, '1')} of something\n${at(2, '5')} z\n${at(2, '6')} new\n`);
  await reading;
  expect(lines).toEqual([text, 'z', 'new']);
  expect(said).toEqual([]);
});

it('knows the end of its last line in a file that begins within it', async () => {
  const reading = read();
  (await scripted.next()).begin(`${at(1, '9')} ${long}\n`);
  await expect.poll(() => lines).toEqual([long]);
  end();
  (await scripted.next()).answer(`${at(2, '1')} and the rest\n${at(2, '6')} new\n`);
  await reading;
  expect(lines).toEqual([long, 'new']);
  expect(said).toEqual([]);
});

it('goes on in lines of the very same time by their number', async () => {
  const reading = read();
  const first = await scripted.next();
  first.begin(`${at(1, '1')} a\n${at(1, '1')} b\n`);
  await expect.poll(() => lines).toEqual(['a', 'b']);
  first.cut();
  (await scripted.next()).begin(`${at(1, '1')} a\n${at(1, '1')} b\n${at(1, '1')} c\n`);
  await expect.poll(() => lines).toEqual(['a', 'b', 'c']);
  end();
  (await scripted.next()).answer(`${at(1, '1')} a\n${at(1, '1')} b\n${at(1, '1')} c\n`);
  await reading;
  expect(lines).toEqual(['a', 'b', 'c']);
});

const mark = (second: number, nanos: string, count: number) =>
  `${at(second, nanos)} \u001egantry: ${count} lines\n`;

it('shows nothing of the marks that count lines, whatever is read again', async () => {
  const reading = read({ isCounted: true });
  const first = await scripted.next();
  first.begin(`${mark(1, '1', 0)}${at(1, '2')} a\n${at(1, '2')} b\n${mark(1, '2', 2)}`);
  await expect.poll(() => lines).toEqual(['a', 'b']);
  first.cut();
  (await scripted.next()).begin(
    `${mark(1, '1', 0)}${at(1, '2')} a\n${at(1, '2')} b\n${mark(1, '2', 2)}${at(1, '3')} c\n`,
  );
  await expect.poll(() => lines).toEqual(['a', 'b', 'c']);
  end();
  (await scripted.next()).answer(
    `${mark(1, '1', 0)}${at(1, '2')} a\n${at(1, '2')} b\n${mark(1, '2', 2)}${at(1, '3')} c\n${at(1, '4')} half\u001egantry: 3 lines\n`,
  );
  await reading;
  expect(lines).toEqual(['a', 'b', 'c', 'half']);
  expect(said).toEqual([]);
});

it('says how many lines a log had lost before it was first read', async () => {
  const reading = read({ isCounted: true });
  await scripted.next();
  end();
  (await scripted.next()).answer(
    `${at(5, '1')} y\n${at(5, '2')} z\n${mark(5, '2', 512)}${at(5, '3')} last\n${mark(5, '3', 513)}`,
  );
  await reading;
  expect(lines).toEqual(['y', 'z', 'last']);
  expect(said).toEqual([
    '510 lines of stdout are missing: the cluster has rotated away what was printed before 2026-01-02T03:04:05.100Z',
  ]);
});

it('says how many lines are gone with a file that came and went while the log was followed', async () => {
  const reading = read({ isCounted: true });
  const first = await scripted.next();
  first.begin(`${mark(1, '1', 0)}${at(1, '2')} a\n${mark(1, '2', 1)}${at(1, '3')} b\n`);
  first.begin(`${at(6, '1')} z\n${mark(6, '2', 1_000)}`);
  await expect
    .poll(() => said)
    .toEqual([
      '997 lines of stdout are missing: the cluster has rotated away what was printed between 2026-01-02T03:04:01.200Z and 2026-01-02T03:04:06.200Z',
    ]);
  end();
  (await scripted.next()).answer(`${at(6, '1')} z\n${mark(6, '2', 1_000)}`);
  await reading;
  expect(lines).toEqual(['a', 'b', 'z']);
  expect(said).toHaveLength(1);
});

it('says how many lines were rotated away between two control planes, though not all were stored', async () => {
  const reading = read({ skip: 100, end: { atMs: Date.parse(at(1, '5')), lines: 1 }, isCounted: true });
  const first = await scripted.next();
  // The store had left ten away: the first mark tells.
  first.begin(`${at(1, '5')} known\n${mark(1, '5', 110)}${at(1, '6')} a\n`);
  await expect.poll(() => lines).toEqual(['a']);
  first.cut();
  (await scripted.next()).begin(`${at(6, '1')} z\n${at(6, '2')} zz\n${mark(6, '2', 200)}`);
  await expect.poll(() => lines).toEqual(['a', 'z', 'zz']);
  expect(said).toEqual([
    '87 lines of stdout are missing: the cluster has rotated away what was printed between 2026-01-02T03:04:01.600Z and 2026-01-02T03:04:06.100Z',
  ]);
  end();
  (await scripted.next()).answer(`${at(6, '2')} zz\n${mark(6, '2', 200)}`);
  await reading;
  expect(said).toHaveLength(1);
});

it('says nothing where a new file begins right after the last line', async () => {
  const reading = read({ isCounted: true });
  const first = await scripted.next();
  first.begin(`${mark(1, '1', 0)}${at(1, '2')} a\n`);
  await expect.poll(() => lines).toEqual(['a']);
  first.cut();
  (await scripted.next()).begin(`${at(3, '1')} b\n${at(3, '2')} c\n${mark(3, '2', 3)}`);
  await expect.poll(() => lines).toEqual(['a', 'b', 'c']);
  end();
  (await scripted.next()).answer(`${at(3, '2')} c\n${mark(3, '2', 3)}`);
  await reading;
  expect(said).toEqual([]);
});

it('says that lines are missing before it shows what comes after them, though no number follows', async () => {
  const reading = read({ isCounted: true });
  (await scripted.next()).begin(`${at(5, '1')} z\n`);
  await expect
    .poll(() => said, { timeout: 3_000 })
    .toEqual([
      'lines of stdout are missing: the cluster has rotated away what was printed before 2026-01-02T03:04:05.100Z',
    ]);
  await expect.poll(() => lines).toEqual(['z']);
  end();
  (await scripted.next()).answer(`${at(5, '1')} z\n`);
  await reading;
  expect(said).toHaveLength(1);
});

it('says that lines may be missing where a log that nobody counts begins late, and was looked at late', async () => {
  const reading = read({ startedMs: Date.parse(at(0, '0')) - 60_000 });
  await scripted.next();
  end();
  (await scripted.next()).answer(`${at(5, '1')} z\n`);
  await reading;
  expect(lines).toEqual(['z']);
  expect(said).toEqual([
    'lines of stdout may be missing: its log begins 65 s after the program did, and the cluster may have rotated away what was printed before',
  ]);
});
