// The store: named streams of entries in one append-only file. What is in the file is the truth; the maps in
// memory are read from it at the start. An entry is acknowledged when it is on the disk.
import { EventEmitter, once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serve } from '../shared/http.mjs';

const folder = process.env.STORE_FOLDER ?? (await mkdtemp(path.join(tmpdir(), 'store-')));
const file = await open(path.join(folder, 'log.jsonl'), 'a+');
const streams = new Map();
const arrivals = new EventEmitter().setMaxListeners(0);

for await (const line of file.readLines({ start: 0, autoClose: false })) apply(JSON.parse(line));
console.log(`store keeps ${streams.size} streams in ${folder}`);

let writing = Promise.resolve();

await serve(
  'store',
  7000,
  {
    'GET /healthz': () => ({ status: 200, body: { ok: true } }),
    'GET /streams': () => ({ status: 200, body: { streams: [...streams.keys()] } }),
    'PUT /streams/:name': async ({ params }) => {
      if (streams.has(params.name)) return { status: 200, body: { created: false } };
      await write({ create: params.name });
      return { status: 201, body: { created: true } };
    },
    'POST /streams/:name': async ({ params, body }) => {
      if (!streams.has(params.name)) return unknown(params.name);
      return { status: 201, body: { seq: await write({ stream: params.name, value: body }) } };
    },
    'GET /streams/:name': async ({ params, query }) => {
      const entries = streams.get(params.name);
      if (!entries) return unknown(params.name);
      const after = Number(query.get('after') ?? 0);
      if (entries.length <= after) await arrival(params.name, Number(query.get('wait') ?? 0));
      return { status: 200, body: { entries: entries.slice(after) } };
    },
  },
  { onStop: stop },
);

/** One write after the other, so that the file's order is the order of the numbers. */
function write(record) {
  const written = writing.then(async () => {
    await file.appendFile(`${JSON.stringify(record)}\n`);
    await file.datasync();
    return apply(record);
  });
  writing = written.catch(() => undefined);
  return written;
}

function apply(record) {
  if (record.create) {
    if (!streams.has(record.create)) streams.set(record.create, []);
    return 0;
  }
  const entries = streams.get(record.stream);
  entries.push({ seq: entries.length + 1, value: record.value });
  arrivals.emit(record.stream);
  return entries.length;
}

async function arrival(name, waitMs) {
  if (waitMs <= 0) return;
  // A wait that ends without an entry is answered with none.
  await once(arrivals, name, { signal: AbortSignal.timeout(Math.min(waitMs, 30_000)) }).catch((error) => {
    if (error.name !== 'AbortError') throw error;
  });
}

function unknown(name) {
  return { status: 404, body: { error: `there is no stream ${name}; have the migrations run?` } };
}

async function stop() {
  await writing;
  await file.close();
  if (!process.env.STORE_FOLDER) await rm(folder, { recursive: true });
}
