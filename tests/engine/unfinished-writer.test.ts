import { expect, it } from 'vitest';
import { createUnfinishedWriter } from '@/lib/engine/unfinished-writer';
import { createMasker } from '@/lib/model/masker';
import { silentLogger } from '../support/database';
import { createFakeClock } from '../support/fake-clock';

function open({
  isAdopted = false,
  secrets = [],
  isAway = () => false,
}: {
  isAdopted?: boolean;
  secrets?: string[];
  isAway?: () => boolean;
} = {}) {
  const clock = createFakeClock();
  const saved: string[][] = [];
  const abandoning = new AbortController();
  const writer = createUnfinishedWriter(
    {
      clock,
      logger: silentLogger,
      logs: {
        async saveUnfinished(_id, stepId, attempt, lines) {
          if (isAway()) throw new Error('the store is away');
          saved.push([`${stepId} ${attempt}`, ...lines.map(({ stream, text }) => `${stream} ${text}`)]);
        },
      },
    },
    {
      ...{ executionId: 'e', stepId: 's', attempt: 2, masker: createMasker(secrets), isAdopted },
      abandoned: abandoning.signal,
    },
  );
  return { clock, saved, writer, abandon: () => abandoning.abort() };
}

const out = (text: string) => ({ stream: 'stdout' as const, text });

it('saves the newest state at most every 200 ms, and takes it away at the end', async () => {
  const { clock, saved, writer } = open();
  writer.see(out('1 %'));
  await clock.advance(10);
  for (const text of ['2 %', '3 %', '4 %']) writer.see(out(text));
  writer.see({ stream: 'stderr', text: 'Password: ' });
  await clock.advance(180);
  expect(saved).toEqual([['s 2', 'stdout 1 %']]);
  await clock.advance(20);
  expect(saved.at(-1)).toEqual(['s 2', 'stdout 4 %', 'stderr Password: ']);
  await writer.end();
  expect(saved.at(-1)).toEqual(['s 2']);
  writer.see(out('late'));
  await clock.advance(1_000);
  expect(saved).toHaveLength(3);
});

it('writes nothing for an attempt whose lines all end, and takes away what an earlier owner showed', async () => {
  const quiet = open();
  await quiet.writer.end();
  expect(quiet.saved).toEqual([]);
  const adopted = open({ isAdopted: true });
  await adopted.clock.advance(1);
  expect(adopted.saved).toEqual([['s 2']]);
  await adopted.writer.end();
  expect(adopted.saved).toEqual([['s 2']]);
});

it('shows neither a secret nor the beginning of one', async () => {
  const { clock, saved, writer } = open({ secrets: ['hunter2'] });
  writer.see(out('a hunter2 b hun'));
  await clock.advance(1);
  expect(saved).toEqual([['s 2', 'stdout a *** b ']]);
  await writer.end();
});

it('leaves alone what the next owner shows', async () => {
  const { clock, saved, writer, abandon } = open();
  writer.see(out('1 %'));
  await clock.advance(300);
  abandon();
  await writer.end();
  expect(saved).toEqual([['s 2', 'stdout 1 %']]);
});

it('does without the store', async () => {
  let isAway = true;
  const { clock, saved, writer } = open({ isAway: () => isAway });
  writer.see(out('1 %'));
  await clock.advance(300);
  isAway = false;
  writer.see(out('2 %'));
  await clock.advance(300);
  await writer.end();
  expect(saved).toEqual([['s 2', 'stdout 2 %'], ['s 2']]);
});
