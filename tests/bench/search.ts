import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Row } from './bench';
import type { BenchServer } from './bench-server';
import { launchAndFinish } from './launch';
import { median } from './measure';

/** As the page asks for. */
const hitsPerPage = 200;

/** What is looked for, and how many hits the first page has to have. */
interface Question {
  what: string;
  /** A text, or with `isPattern` a regular expression. */
  q: string;
  hits: number;
  isPattern?: boolean;
}

const questions: Question[] = [
  { what: 'in one line of a thousand', q: 'CheckPoint', hits: hitsPerPage },
  { what: 'in the last line', q: 'point 1000000', hits: 1 },
  { what: 'in every line', q: 'abcdefghij', hits: hitsPerPage },
  { what: 'nowhere', q: 'no such text', hits: 0 },
  {
    what: 'by pattern, in one line of a thousand',
    q: 'checkpoint \\d+',
    hits: hitsPerPage,
    isPattern: true,
  },
  { what: 'by pattern, in the last line', q: 'point (1|2)0{6}\\b', hits: 1, isPattern: true },
];

export const search: Row = {
  name: 'search',
  async measure(bench) {
    const server = await bench.startServer();
    const file = path.join(bench.folder, 'lines.log');
    try {
      const { id } = await launchAndFinish(server, bench.suiteId('lines'));
      const stored = await server.call(`/api/v1/executions/${id}/logs?format=text`);
      await pipeline(Readable.from(stored.body ?? []), createWriteStream(file));
      const measures = [];
      let hasRipgrep = true;
      for (const question of questions) {
        const { what } = question;
        const floor: number[] = [];
        const gantry: number[] = [];
        for (let round = 0; round <= (bench.isQuick ? 3 : 9); round += 1) {
          const bare: number | null = hasRipgrep ? await ripgrep(file, question) : null;
          hasRipgrep = bare !== null;
          const ms = await firstPage(server, id, question);
          if (round === 0) continue;
          if (bare !== null) floor.push(bare);
          gantry.push(ms);
        }
        bench.say(`search ${what}: ${median(gantry).toFixed(0)} ms`);
        measures.push({
          what,
          unit: 'ms' as const,
          floor: floor.length > 0 ? median(floor) : null,
          gantry: median(gantry),
          target: { atMost: 500 },
        });
      }
      const floorNote = hasRipgrep
        ? 'The floor is `rg -i` over the same text in a file, started anew each time.'
        : 'There is no ripgrep here to compare with.';
      return {
        title: 'log search in a million stored lines, to the first page of hits',
        measures,
        notes: [`Medians; letter case does not count. ${floorNote}`],
      };
    } finally {
      await server.stop();
      await rm(file, { force: true });
    }
  },
};

const page = z.object({ items: z.array(z.object({ seq: z.number(), text: z.string() })) });

async function firstPage(
  server: BenchServer,
  id: string,
  { q, hits, isPattern = false }: Question,
): Promise<number> {
  const startedMs = performance.now();
  const answer = await server.call(
    `/api/v1/executions/${id}/logs?limit=${hitsPerPage}&${isPattern ? 'pattern' : 'q'}=${encodeURIComponent(q)}`,
    { headers: { accept: 'application/json' } },
  );
  const { items } = page.parse(await answer.json());
  const ms = performance.now() - startedMs;
  const isHit = (text: string) =>
    isPattern ? new RegExp(q, 'i').test(text) : text.toLowerCase().includes(q.toLowerCase());
  const wrong = items.find(({ text }) => !isHit(text));
  if (items.length !== hits || wrong) throw new Error(`${items.length} hits for ${q}, expected ${hits}`);
  return ms;
}

/** Null when it is not installed. */
async function ripgrep(file: string, { q, hits, isPattern = false }: Question): Promise<number | null> {
  const startedMs = performance.now();
  const words = ['-i', ...(isPattern ? [] : ['-F']), '-m', String(hitsPerPage), '--', q, file];
  const child = spawn('rg', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  let found = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) found += 1;
  });
  const isThere = await Promise.race([
    once(child, 'close').then(() => true),
    once(child, 'error').then(
      () => false,
      () => false,
    ),
  ]).catch(() => false);
  if (!isThere) return null;
  if (found !== hits) throw new Error(`ripgrep found ${found} hits for ${q}, expected ${hits}`);
  return performance.now() - startedMs;
}
