import { platform } from 'node:os';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readLog } from '@/lib/backends/kubernetes/log-reader';
import { createLineDelivery } from '@/lib/backends/line-delivery';
import { systemClock } from '@/lib/clock';
import type { OutputLine, StreamEnd } from '@/lib/model/log-line';
import { makeRotatedLog, type RotatedLog } from './rotated-log';
import { openScriptedCluster, type ScriptedCluster } from './scripted-cluster';

const clock = systemClock;
const total = 400_000;
const linesPerSecond = 8_000;
const program = `seq -f 'line %.0f of a program that prints very much of it' 1 ${total}`;
const source = { namespace: 'n', pod: 'p', container: 'main', stream: 'stdout', endMark: null } as const;

describe.skipIf(platform() !== 'linux')('400,000 lines at 8,000 a second, in files of 10 MiB', () => {
  let scripted: ScriptedCluster;
  let log: RotatedLog;
  /** As the store has them. */
  let stored: OutputLine[];
  let said: string[];
  beforeAll(async () => {
    log = await makeRotatedLog(program, linesPerSecond);
  });
  beforeEach(async () => {
    scripted = await openScriptedCluster();
    stored = [];
    said = [];
  });
  afterEach(() => scripted.close());

  /** A control plane that reads on from the store. */
  function read(ended: Promise<void>, signal: AbortSignal): Promise<void> {
    const delivery = createLineDelivery({ clock }, async (batch) => {
      if (!signal.aborted) stored.push(...batch);
    });
    const sink = {
      delivery,
      onEveryLine: () => {},
      emit: (text: string) => said.push(text),
      onGap: (text: string) => said.push(text),
    };
    return readLog(
      { clock, cluster: scripted.cluster },
      { ...source, hasInnerTimes: false, isCounted: true, startedMs: null },
      { lines: stored.length, end: endOf(stored), needsAll: false },
      sink,
      ended,
      signal,
    ).then(() => delivery.flush());
  }

  /** A control plane that is killed once the store has what was printed so far. */
  async function readUntilKilled(printed: number): Promise<void> {
    const killed = new AbortController();
    const reading = read(new Promise(() => {}), killed.signal);
    const request = await scripted.next();
    const sent = log.read(printed, request.query.sinceTime);
    request.begin(sent);
    const lastText = sent
      .trimEnd()
      .split('\n')
      .findLast((line) => !line.includes('\u001e'))
      ?.split('Z ')[1];
    await expect.poll(() => stored.at(-1)?.text, { timeout: 60_000 }).toBe(lastText);
    killed.abort();
    request.cut();
    // Nobody tells it of the container's end any more.
    reading.catch(() => {});
  }

  async function readToTheEnd(): Promise<void> {
    const reading = read(Promise.resolve(), new AbortController().signal);
    for (let isOver = false; !isOver; ) {
      const request = await Promise.race([scripted.next(), reading.then(() => null)]);
      if (request === null) isOver = true;
      else request.answer(log.read(log.total, request.query.sinceTime));
    }
  }

  function numbers(): number[] {
    return stored.map(({ text }) => Number(/^line (\d+) /.exec(text)?.[1]));
  }

  /** Every line once and in order, but for those that a notice tells the number of. */
  function expectAllAccountedFor(): void {
    const seen = numbers();
    expect(seen.every((number, at) => at === 0 || number > (seen[at - 1] ?? 0))).toBe(true);
    let missing = 0;
    for (const text of said) {
      const [, count, , inAll] = /^(\d+) lines? of stdout (is|are) missing( in all)?: /.exec(text) ?? [];
      missing = inAll ? Number(count) : missing + Number(count);
    }
    expect(missing).toBe(total - seen.length);
    expect(seen.at(-1)).toBe(total);
  }

  it('are there, or in the number of a notice, however often control planes are killed', async () => {
    for (const printed of [40_000, 80_000, 150_000, 160_000, 390_000]) await readUntilKilled(printed);
    await readToTheEnd();
    expect(said.length).toBeGreaterThan(0);
    expect(said.length).toBeLessThanOrEqual(2);
    expectAllAccountedFor();
  });

  it('are missing with one notice that has their number where a control plane was away for files', async () => {
    await readUntilKilled(50_000);
    await readToTheEnd();
    expect(said).toHaveLength(1);
    expect(stored.length).toBeLessThan(total);
    expectAllAccountedFor();
  });

  it('are missing with one notice where the first control plane came after files had gone', async () => {
    await readToTheEnd();
    expect(said).toEqual([
      expect.stringMatching(
        /^\d+ lines of stdout are missing: the cluster has rotated away what was printed before/,
      ),
    ]);
    expectAllAccountedFor();
  });
});

function endOf(lines: readonly OutputLine[]): StreamEnd | null {
  const atMs = lines.at(-1)?.atMs;
  return atMs === undefined ? null : { atMs, lines: lines.filter((line) => line.atMs === atMs).length };
}
