import type { BenchServer } from './bench-server';
import { openSse } from './sse-client';
import { manyLines } from './suites';

export interface ReadLines {
  /** When the last line came, in milliseconds since the epoch. */
  lastAtMs: number;
  /** From the print to the client, of every line of one batch in ten. */
  delaysMs: number[];
}

/** Reads an execution's log over SSE to its end. Rejects unless every line came once and in order. */
export async function readLines(server: BenchServer, id: string): Promise<ReadLines> {
  const delaysMs: number[] = [];
  let seq = 0;
  let lines = 0;
  let batches = 0;
  let lastAtMs = 0;
  let problem: string | null = null;
  const url = new URL(`/api/v1/executions/${id}/logs?batch=1`, server.url);
  const client = openSse(url, server.token, ({ id: last, data, event }) => {
    if (event) return;
    const now = performance.timeOrigin + performance.now();
    const first = Number(/^\[\{"seq":(\d+),/.exec(data)?.[1]);
    const count = countOf(data, '{"seq":');
    if (first !== seq + 1 || last !== seq + count) problem ??= `after ${seq} came ${first} to ${last}`;
    seq = last;
    lines += count;
    lastAtMs = now;
    batches += 1;
    if (batches % 10 !== 0) return;
    for (const match of data.matchAll(/"text":"\w+ \d{7} (\d{13}) /g)) delaysMs.push(now - Number(match[1]));
  });
  await client.ended;
  if (problem || lines !== manyLines) throw new Error(`${lines} lines were read; ${problem ?? 'in order'}`);
  return { lastAtMs, delaysMs };
}

/** Rejects unless what is stored is each line once, in order, and nothing else. */
export async function checkStored(server: BenchServer, id: string): Promise<void> {
  const answer = await server.call(`/api/v1/executions/${id}/logs?format=text`);
  let number = 0;
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      number += 1;
      if (line.length === 100 && Number(line.split(' ', 2)[1]) === number) continue;
      throw new Error(`line ${number} is stored as ${JSON.stringify(line.slice(0, 200))}`);
    }
  }
  if (number !== manyLines || rest !== '') throw new Error(`${number} lines are stored`);
}

function countOf(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}
