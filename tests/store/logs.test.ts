import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogLine, OutputLine } from '@/lib/model/log-line';
import type { ClaimedExecution, LogFilter, Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';
import { claimedExecution } from './make-execution';

let store: Store;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ store, close } = await openTestStore());
});
afterAll(() => close());

const startMs = Date.parse('2026-01-01T00:00:00.000Z');
const line = (text: string, stream: OutputLine['stream'] = 'stdout', atMs = startMs): OutputLine => ({
  stream,
  atMs,
  text,
});

/** The whole log by pages of `limit`. */
async function readAll(id: string, limit: number, filter?: LogFilter): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for (let after = 0; ; ) {
    const page = await store.logs.read(id, after, limit, filter);
    expect(page.lines.length).toBeLessThanOrEqual(limit);
    lines.push(...page.lines);
    if (page.scannedTo >= page.lastSeq) return lines;
    expect(page.scannedTo).toBeGreaterThan(after);
    after = page.scannedTo;
  }
}

async function append(claim: ClaimedExecution, lines: OutputLine[], stepId = 'one', attempt = 1) {
  return store.logs.append(claim.id, stepId, attempt, lines, claim.fence);
}

test('lines keep text, stream, time, step and attempt, whatever the size of the pages', async () => {
  const claim = await claimedExecution(store);
  const output = [
    line('first'),
    line('', 'stderr', startMs + 1),
    line('tab\tquote"\\ end', 'stderr', startMs + 1),
    line('back in time 🚀 \u202e <script>', 'system', startMs - 5),
    line('last', 'stdout', startMs + 86_400_000),
  ];
  expect(await append(claim, output.slice(0, 3))).toBe(3);
  expect(await append(claim, output.slice(3), 'two', 2)).toBe(5);
  const expected = output.map((given, index) => ({
    seq: index + 1,
    at: new Date(given.atMs).toISOString(),
    stepId: index < 3 ? 'one' : 'two',
    attempt: index < 3 ? 1 : 2,
    stream: given.stream,
    text: given.text,
  }));
  for (const limit of [1, 2, 3, 4, 100]) expect(await readAll(claim.id, limit)).toEqual(expected);
});

test('twenty steps that write at once share one numbering without gaps, each in its own order', async () => {
  const steps = Array.from({ length: 20 }, (_, index) => `step-${index}`);
  const claim = await claimedExecution(store, { steps });
  await Promise.all(
    steps.map(async (stepId) => {
      for (let batch = 0; batch < 10; batch += 1) {
        const lines = Array.from({ length: batch + 1 }, (_, index) => line(`${batch}.${index}`));
        await append(claim, lines, stepId);
      }
    }),
  );
  const lines = await readAll(claim.id, 77);
  expect(lines.map((read) => read.seq)).toEqual(Array.from({ length: 20 * 55 }, (_, index) => index + 1));
  const written = Array.from({ length: 10 }, (_, batch) =>
    Array.from({ length: batch + 1 }, (_, index) => `${batch}.${index}`),
  ).flat();
  for (const stepId of steps) {
    expect(lines.filter((read) => read.stepId === stepId).map((read) => read.text)).toEqual(written);
  }
  expect(await store.logs.lastSeq(claim.id)).toBe(20 * 55);
});

test('a reader who reads while it is written misses nothing and sees nothing twice', async () => {
  const claim = await claimedExecution(store);
  let isWritten = false;
  const writing = (async () => {
    for (let batch = 0; batch < 50; batch += 1) await append(claim, [line(`${batch} a`), line(`${batch} b`)]);
    isWritten = true;
  })();
  const seen: number[] = [];
  while (seen.length < 100) {
    const wasWritten = isWritten;
    const page = await store.logs.read(claim.id, seen.at(-1) ?? 0, 3);
    seen.push(...page.lines.map((read) => read.seq));
    if (wasWritten && page.lines.length === 0) break;
  }
  await writing;
  expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
});

test('a fenced writer and an ended execution get no line in', async () => {
  const claim = await claimedExecution(store);
  const old = { ...claim, fence: { ...claim.fence, epoch: claim.fence.epoch - 1 } };
  await expect(append(old, [line('late')])).rejects.toMatchObject({ code: 'fenced' });
  await expect(append({ ...claim, id: 'nobody' }, [line('x')])).rejects.toMatchObject({
    code: 'execution_not_found',
  });
  expect(await store.logs.read(claim.id, 0, 10)).toMatchObject({ lines: [], lastSeq: 0, isClosed: false });
  await store.events.append(
    claim.id,
    [{ type: 'execution.finished', status: 'passed', cause: null }],
    claim.fence,
  );
  await expect(append(claim, [line('late')])).rejects.toMatchObject({ code: 'conflict' });
  expect(await store.logs.read(claim.id, 0, 10)).toMatchObject({ lines: [], isClosed: true });
  await expect(store.logs.read('nobody', 0, 10)).rejects.toMatchObject({ code: 'execution_not_found' });
});

test('a line feed or NUL that slipped through becomes visible and shifts nothing', async () => {
  const claim = await claimedExecution(store);
  await append(claim, [line('a\nb'), line('c\0d'), line('\ud800'), line('e')]);
  expect((await readAll(claim.id, 10)).map((read) => read.text)).toEqual([
    'a\u240ab',
    'c\u2400d',
    '\ufffd',
    'e',
  ]);
});

test('filters pick by step, attempt, stream and text without regard to case', async () => {
  const claim = await claimedExecution(store);
  await append(claim, [line('GET /api 200'), line('Error: ÄRGER', 'stderr'), line('probing', 'system')]);
  await append(claim, [line('get /other'), line('100% _sure\\', 'stderr')], 'one', 2);
  await append(claim, [line('nothing')], 'two');
  const seqs = async (filter: LogFilter) => (await readAll(claim.id, 2, filter)).map((read) => read.seq);
  expect(await seqs({ stepId: 'one' })).toEqual([1, 2, 3, 4, 5]);
  expect(await seqs({ stepId: 'one', attempt: 2 })).toEqual([4, 5]);
  expect(await seqs({ stream: 'stderr' })).toEqual([2, 5]);
  expect(await seqs({ stream: 'system' })).toEqual([3]);
  expect(await seqs({ q: 'GeT /' })).toEqual([1, 4]);
  expect(await seqs({ q: 'ärger' })).toEqual([2]);
  expect(await seqs({ q: 'Ä' })).toEqual([2]);
  expect(await seqs({ q: '% _' })).toEqual([5]);
  expect(await seqs({ q: 'sure\\' })).toEqual([5]);
  expect(await seqs({ q: '200\nError' })).toEqual([]);
  expect(await seqs({ q: 'get', stream: 'stderr' })).toEqual([]);
  expect(await seqs({ stepId: 'nobody' })).toEqual([]);
});

test('a search looks at every chunk behind the cursor and says how far it looked', async () => {
  const claim = await claimedExecution(store);
  for (let chunk = 0; chunk < 30; chunk += 1) {
    await append(
      claim,
      Array.from({ length: 10 }, (_, index) => line(`chunk ${chunk} line ${index}`)),
    );
  }
  const found = await store.logs.read(claim.id, 0, 5, { q: 'line 7' });
  expect(found.lines.map((read) => read.seq)).toEqual([8, 18, 28, 38, 48]);
  expect(found).toMatchObject({ scannedTo: 48, lastSeq: 300 });
  expect(await readAll(claim.id, 5, { q: 'line 7' })).toHaveLength(30);
  const none = await store.logs.read(claim.id, 55, 5, { q: 'nowhere' });
  expect(none).toMatchObject({ lines: [], scannedTo: 300 });
});

test('a pattern finds lines as people read them, whatever the size of the pages', async () => {
  const claim = await claimedExecution(store);
  await append(claim, [line('GET /orders/41 200 in 3 ms'), line('get /orders/x 500', 'stderr')]);
  await append(claim, [line('\u001b[31mERR\u001b[0mOR: no route'), line('probing', 'system')], 'two');
  for (let chunk = 0; chunk < 12; chunk += 1)
    await append(claim, [line(`GET /orders/${chunk} 500 in ${chunk} ms`), line('nothing')]);
  const seqs = async (filter: LogFilter) => (await readAll(claim.id, 2, filter)).map((read) => read.seq);
  expect(await seqs({ pattern: '^get /orders/\\w+ 500$' })).toEqual([2]);
  expect(await seqs({ pattern: '(?-i)^get' })).toEqual([2]);
  expect(await seqs({ pattern: '^error: ' })).toEqual([3]);
  expect(await seqs({ pattern: 'in (3|11) ms$' })).toEqual([1, 11, 27]);
  expect(await seqs({ pattern: 'in (3|11) ms$', q: ' 200 ' })).toEqual([1]);
  expect(await seqs({ pattern: '^get', stream: 'stderr' })).toEqual([2]);
  expect(await seqs({ pattern: '.', stepId: 'two' })).toEqual([3, 4]);
  expect(await seqs({ pattern: 'nowhere' })).toEqual([]);
});

test('a search that takes long ends its page early, comes further each time, and leaves this thread free', async () => {
  const claim = await claimedExecution(store);
  // No two lines are alike, and the pattern has very many states: its time is that of each character.
  let state = 1;
  const letters = (count: number) =>
    Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return 'abcdefghij '[(state >>> 16) % 11];
    }).join('');
  const text = () => `${letters(589)}a${letters(400)}`;
  for (let chunk = 0; chunk < 12; chunk += 1)
    await append(claim, [...Array.from({ length: 60 }, () => line(text())), line(`${text()}#${chunk}`)]);
  const pattern = '[ae].{400}[#!][0-9]+$';
  let longestMs = 0;
  let beforeMs = performance.now();
  const clock = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - beforeMs);
    beforeMs = performance.now();
  }, 10);
  const startedMs = performance.now();
  const first = await store.logs.read(claim.id, 0, 1_000, { pattern });
  expect(first.lines.length).toBeLessThan(12);
  expect(first.scannedTo).toBeGreaterThan(0);
  expect(first.scannedTo).toBeLessThan(first.lastSeq);
  const found = await readAll(claim.id, 5, { pattern });
  clearInterval(clock);
  expect(found.map(({ text: shown }) => shown.slice(990))).toEqual(
    Array.from({ length: 12 }, (_, chunk) => `#${chunk}`),
  );
  expect(longestMs).toBeLessThan(Math.max(2_000, (performance.now() - startedMs) / 2));
}, 120_000);

test('a page of huge lines is cut short, and the next goes on from there', async () => {
  const claim = await claimedExecution(store);
  const huge = 'x'.repeat(1024 * 1024);
  for (let index = 0; index < 8; index += 1) await append(claim, [line(`${index} ${huge}`)]);
  const page = await store.logs.read(claim.id, 0, 1_000);
  expect(page.lines.length).toBeLessThan(8);
  expect(page.lines.length).toBeGreaterThan(0);
  expect((await readAll(claim.id, 1_000)).map((read) => read.text[0])).toEqual([...'01234567']);
});

test.each<LogFilter>([{ q: 'xx' }, { pattern: '^\\d x' }, { stream: 'stdout' }])(
  'a page of huge hits of %o is cut short too',
  async (filter) => {
    const claim = await claimedExecution(store);
    for (let index = 0; index < 8; index += 1)
      await append(claim, [line(`${index} ${'x'.repeat(1024 * 1024)}`)]);
    const page = await store.logs.read(claim.id, 0, 1_000, filter);
    expect(page.lines.map(({ text }) => text[0])).toEqual([...'0123']);
    expect(page.scannedTo).toBe(4);
    expect((await readAll(claim.id, 1_000, filter)).map(({ text }) => text[0])).toEqual([...'01234567']);
  },
);

test('a search ends with its signal, and one for what is no pattern is refused', async () => {
  const claim = await claimedExecution(store);
  await append(claim, [line('a')]);
  const gone = AbortSignal.abort();
  for (const filter of [{ q: 'a' }, { pattern: 'a' }, { stream: 'stdout' }] satisfies LogFilter[])
    await expect(store.logs.read(claim.id, 0, 1, filter, gone)).rejects.toMatchObject({
      code: 'bad_request',
    });
  const refused = { code: 'pattern_invalid', issues: [{ path: 'pattern' }] };
  await expect(store.logs.read(claim.id, 1, 1, { pattern: 'a(' })).rejects.toMatchObject(refused);
  await expect(store.logs.checkPattern('a(')).rejects.toMatchObject(refused);
  await store.logs.checkPattern('a');
});

test('position tells the end of each stream: its time, and how many lines have it', async () => {
  const claim = await claimedExecution(store);
  const at = (atMs: number, text: string, stream: OutputLine['stream'] = 'stdout') => ({
    stream,
    atMs,
    text,
  });
  await append(claim, [at(1_000, 'a'), at(2_000, 'b')]);
  await append(claim, [at(2_000, 'c'), at(2_000, 'x', 'stderr'), at(2_000, 'd'), at(3_000, 'y', 'system')]);
  await append(claim, [at(2_500, 'z', 'stderr')]);
  expect((await store.logs.position(claim.id, 'one', 1)).ends).toEqual({
    stdout: { atMs: 2_000, lines: 3 },
    stderr: { atMs: 2_500, lines: 1 },
  });
  expect((await store.logs.position(claim.id, 'two', 1)).ends).toEqual({ stdout: null, stderr: null });
});

test('position counts what an attempt has stored, without the lines of Gantry itself', async () => {
  const claim = await claimedExecution(store);
  await append(claim, [line('a'), line('b', 'stderr'), line('c', 'system'), line('d')]);
  await append(claim, [line('e', 'stderr')]);
  await append(claim, [line('f')], 'one', 2);
  expect(await store.logs.position(claim.id, 'one', 1)).toMatchObject({ stdout: 2, stderr: 2, size: 10 });
  expect(await store.logs.position(claim.id, 'one', 2)).toMatchObject({ stdout: 1, stderr: 0, size: 2 });
  expect(await store.logs.position(claim.id, 'two', 1)).toMatchObject({ stdout: 0, stderr: 0, size: 0 });
});

test('an empty batch writes nothing and answers the last number', async () => {
  const claim = await claimedExecution(store);
  await append(claim, [line('a')]);
  expect(await append(claim, [])).toBe(1);
});

test('a stream reads whole chunks: each once, from anywhere in one, and no more than it can hold', async () => {
  const claim = await claimedExecution(store);
  const texts = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => line(`${from + index}`.padEnd(600, '.')));
  await append(claim, texts(1, 1_500));
  await append(claim, texts(1_501, 10));
  await append(claim, texts(1_511, 1_500));
  await append(claim, texts(3_011, 5));
  const ends: number[] = [];
  const seen: number[] = [];
  for (let after = 700; after < 3_015; ) {
    const page = await store.logs.readChunks(claim.id, after);
    seen.push(...page.lines.map(({ text }) => Number.parseInt(text, 10)));
    expect(page).toMatchObject({ lastSeq: 3_015, scannedTo: page.lines.at(-1)?.seq });
    after = page.scannedTo;
    ends.push(after);
  }
  expect(seen).toEqual(Array.from({ length: 3_015 - 700 }, (_, index) => 701 + index));
  // A megabyte is passed in the third chunk, so the fourth is not begun with it.
  expect(ends).toEqual([3_010, 3_015]);
  expect(await store.logs.readChunks(claim.id, 3_015)).toMatchObject({ lines: [], scannedTo: 3_015 });
  await expect(store.logs.readChunks('nobody', 0)).rejects.toMatchObject({ code: 'execution_not_found' });
});

test('lines of a step are read by their row, both ways, beside those of other steps', async () => {
  const claim = await claimedExecution(store);
  for (let chunk = 0; chunk < 4; chunk += 1) {
    await append(
      claim,
      [line(`one ${chunk * 2 + 1}`), line(`one ${chunk * 2 + 2}`)],
      'one',
      chunk < 2 ? 1 : 2,
    );
    await append(claim, [line('other')], 'two');
  }
  const window = async (where: { row?: number; around?: number; attempt?: number }, limit = 3) => {
    const { lines, row, total } = await store.logs.readStep(claim.id, { stepId: 'one', limit, ...where });
    return { texts: lines.map(({ text }) => text), seqs: lines.map(({ seq }) => seq), row, total };
  };
  expect(await window({ row: 1 })).toEqual({
    texts: ['one 1', 'one 2', 'one 3'],
    seqs: [1, 2, 4],
    row: 1,
    total: 8,
  });
  expect(await window({ row: 4 })).toMatchObject({
    texts: ['one 4', 'one 5', 'one 6'],
    seqs: [5, 7, 8],
    row: 4,
  });
  expect(await window({ row: 8 })).toMatchObject({ texts: ['one 8'], row: 8, total: 8 });
  expect(await window({ row: 9 })).toMatchObject({ texts: [], row: 9, total: 8 });
  // The line with seq 7 is the fifth of the step.
  expect(await window({ around: 7 })).toMatchObject({ texts: ['one 4', 'one 5', 'one 6'], row: 4 });
  expect(await window({ around: 2_147_483_647 }, 4)).toMatchObject({
    texts: ['one 6', 'one 7', 'one 8'],
    row: 6,
  });
  expect(await window({ row: 2, attempt: 2 })).toMatchObject({
    texts: ['one 6', 'one 7', 'one 8'],
    total: 4,
  });
});

test('a step without lines has none, and says that it is closed once the execution is', async () => {
  const claim = await claimedExecution(store);
  const window = { stepId: 'one', around: 2_147_483_647, limit: 10 };
  expect(await store.logs.readStep(claim.id, window)).toMatchObject({ lines: [], total: 0, isClosed: false });
  await expect(store.logs.readStep('nobody', window)).rejects.toMatchObject({ code: 'execution_not_found' });
});
