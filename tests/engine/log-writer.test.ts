import { describe, expect, it } from 'vitest';
import { createLogWriter } from '@/lib/engine/log-writer';
import { AppError } from '@/lib/model/errors';
import type { OutputLine } from '@/lib/model/log-line';
import { createMasker } from '@/lib/model/masker';
import type { LogPage, LogStore } from '@/lib/store/store';
import { createFakeClock } from '../support/fake-clock';
import { silentLogger } from '../support/silent-logger';

const fence = { owner: 'me', epoch: 1 };

/** Keeps chunks, and answers when it is told to. */
function recordingStore(answer: () => Promise<void> = async () => undefined) {
  const chunks: OutputLine[][] = [];
  let seq = 0;
  const read = async (_id: string, afterSeq: number): Promise<LogPage> => ({
    lines: chunks
      .flat()
      .map((line, at) => ({
        ...line,
        seq: at + 1,
        stepId: 's',
        attempt: 1,
        at: new Date(line.atMs).toISOString(),
      }))
      .slice(afterSeq),
    scannedTo: seq,
    lastSeq: seq,
    isClosed: false,
  });
  const store: LogStore = {
    async append(_id, _step, _attempt, lines) {
      await answer();
      chunks.push([...lines]);
      seq += lines.length;
      return seq;
    },
    read,
    readChunks: read,
    checkPattern: async () => undefined,
    readStep: async () => ({ lines: [], row: 1, total: 0, lastSeq: seq, isClosed: false }),
    position: async () => ({ stdout: 0, stderr: 0, size: 0 }),
    lastSeq: async () => seq,
    topic: () => 'topic',
    saveUnfinished: async () => undefined,
    unfinished: async () => [],
    unfinishedTopic: () => 'unfinished',
  };
  return { store, chunks, texts: () => chunks.flat().map(({ text }) => text) };
}

function open(
  given: {
    maxBytes?: number;
    answer?: () => Promise<void>;
    abandoned?: AbortSignal;
    secrets?: string[];
    noSpaceMs?: number;
    onNoSpace?: () => void;
  } = {},
) {
  const clock = createFakeClock();
  const recorded = recordingStore(given.answer);
  const writer = createLogWriter(
    { clock, logger: silentLogger, logs: recorded.store },
    {
      executionId: 'e',
      stepId: 's',
      attempt: 1,
      fence,
      maxBytes: given.maxBytes ?? 1024 * 1024,
      afterSeq: 0,
      keptBytes: 0,
      abandoned: given.abandoned ?? new AbortController().signal,
      masker: createMasker(given.secrets ?? []),
      noSpaceMs: given.noSpaceMs ?? 60_000,
      onNoSpace: given.onNoSpace ?? (() => undefined),
    },
  );
  return { clock, writer, ...recorded };
}

function openGate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

const line = (text: string, stream: OutputLine['stream'] = 'stdout'): OutputLine => ({
  stream,
  atMs: 0,
  text,
});
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => line(String(from + n)));

describe('the lines of an attempt', () => {
  it('are stored 15 ms after a silence, and 40 ms after the chunk before, as one chunk', async () => {
    const { clock, writer, chunks } = open();
    await writer.write([line('a')]);
    await writer.write([line('b', 'stderr')]);
    await clock.advance(14);
    expect(chunks).toEqual([]);
    await clock.advance(1);
    expect(chunks).toEqual([[line('a'), line('b', 'stderr')]]);
    await writer.write([line('c')]);
    await clock.advance(39);
    expect(chunks).toHaveLength(1);
    await clock.advance(1);
    expect(chunks[1]).toEqual([line('c')]);
    await writer.close();
    expect(chunks).toHaveLength(2);
  });

  it('do not wait once a chunk is full, in lines or in bytes, and keep their order', async () => {
    const { writer, chunks, texts } = open();
    await writer.write(numbers(5_000));
    await writer.write(numbers(5_001, 5_000));
    await writer.close();
    expect(chunks.map((chunk) => chunk.length)).toEqual([5_000, 5_000, 1]);
    expect(texts()).toEqual(numbers(10_001).map(({ text }) => text));
    const large = open();
    await large.writer.write([line('x'.repeat(200_000)), line('y'.repeat(200_000)), line('z')]);
    await large.writer.close();
    expect(large.chunks.map((chunk) => chunk.length)).toEqual([2, 1]);
  });

  it('make the step wait while more than a megabyte is not stored, and no longer', async () => {
    const gate = openGate();
    const { writer, texts } = open({ maxBytes: 1e9, answer: () => gate.opened });
    let isThrough = false;
    const written = writer.write(Array.from({ length: 20 }, () => line('x'.repeat(100_000)))).then(() => {
      isThrough = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isThrough).toBe(false);
    gate.open();
    await written;
    await writer.close();
    expect(texts()).toHaveLength(20);
  });

  it('are masked before anything else sees them', async () => {
    const { writer, texts } = open({ secrets: ['hunter22'] });
    await writer.write([line('the password is hunter22'), line('aHVudGVyMjI=')]);
    await writer.close();
    expect(texts()[0]).toBe('the password is ***');
    expect(texts()[1]).not.toContain('aHVudGVyMj');
  });
});

describe('more than is kept of an attempt', () => {
  it('is dropped from the first line that does not fit on, counted, and said at the end', async () => {
    const { writer, texts, chunks } = open({ maxBytes: 30 });
    await writer.write([
      line('0123456789'),
      line('0123456789'),
      line('0123456789'),
      line('fits, comes too late'),
    ]);
    await writer.write([line('Gantry says', 'system'), line('more')]);
    await writer.close();
    expect(texts()).toEqual([
      '0123456789',
      '0123456789',
      'Gantry says',
      "3 more lines (0 MB) were dropped: Gantry keeps 0 MB of a step's output",
    ]);
    expect(chunks.flat().at(-1)?.stream).toBe('system');
  });

  it('counts in megabytes, line ends included', async () => {
    const { writer, texts } = open({ maxBytes: 1024 * 1024 });
    await writer.write(Array.from({ length: 40 }, () => line('x'.repeat(65_535))));
    await writer.close();
    expect(texts()).toHaveLength(17);
    expect(texts().at(-1)).toBe("24 more lines (1.5 MB) were dropped: Gantry keeps 1 MB of a step's output");
  });
});

describe('a store that fails', () => {
  it('and comes back gets every line once, also when its answer was lost', async () => {
    let calls = 0;
    const clock = createFakeClock();
    const { store, texts } = recordingStore();
    const lossy: LogStore = {
      ...store,
      async append(...given) {
        calls += 1;
        const seq = calls === 2 ? 0 : await store.append(...given);
        if (calls <= 2) throw new AppError('store_unavailable', 'away');
        return seq;
      },
    };
    const writer = createLogWriter(
      { clock, logger: silentLogger, logs: lossy },
      {
        executionId: 'e',
        stepId: 's',
        attempt: 1,
        fence,
        maxBytes: 1e6,
        afterSeq: 0,
        keptBytes: 0,
        abandoned: new AbortController().signal,
        masker: createMasker([]),
        noSpaceMs: 60_000,
        onNoSpace: () => undefined,
      },
    );
    await writer.write([line('first')]);
    await clock.advance(40);
    // Stored, and the answer lost: it looks before it tries again.
    await clock.advance(100);
    await writer.write([line('second')]);
    await clock.advance(40);
    await clock.advance(1_000);
    await writer.close();
    expect(texts()).toEqual(['first', 'second']);
  });

  it('for good rejects the next write and the end', async () => {
    const { clock, writer } = open({ answer: () => Promise.reject(new Error('no space left')) });
    await writer.write([line('a')]);
    await clock.advance(40);
    await expect(writer.write([line('b')])).rejects.toThrow('no space left');
    await expect(writer.close()).rejects.toThrow('no space left');
  });

  it('is not written to once the execution is no longer ours', async () => {
    const abandoned = new AbortController();
    const { clock, writer, chunks } = open({ abandoned: abandoned.signal });
    await writer.write([line('a')]);
    abandoned.abort();
    await clock.advance(40);
    await expect(writer.close()).rejects.toMatchObject({ code: 'fenced' });
    expect(chunks).toEqual([]);
  });

  it('is not written to after the lines were abandoned', async () => {
    const { clock, writer, chunks } = open();
    await writer.write([line('a')]);
    await writer.abandon();
    await clock.advance(1_000);
    expect(chunks).toEqual([]);
  });
});
