// Visitors who look around while others check out: so many at a time, so many pages each. It fails when one page in
// a hundred is slower than it may be, or any is wrong.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { call } from '../shared/http.mjs';

const visitors = Number(process.env.BROWSE_VISITORS ?? 4);
const pagesEach = Number(process.env.BROWSE_PAGES ?? 50);
const p99LimitMs = Number(process.env.BROWSE_P99_MS ?? 5_000);
const paths = ['/products', '/products/mug', '/products/lamp', '/products/chair'];

const durations = [];
let wrong = 0;
await Promise.all(Array.from({ length: visitors }, (_, visitor) => browse(visitor)));

durations.sort((a, b) => a - b);
const summary = { pages: durations.length, wrong, p50Ms: quantile(0.5), p99Ms: quantile(0.99), p99LimitMs };
await writeFile(
  path.join(process.env.GANTRY_ARTIFACTS, 'traffic.json'),
  `${JSON.stringify(summary, null, 2)}\n`,
);
console.log(`${summary.pages} pages, ${wrong} wrong, p50 ${summary.p50Ms} ms, p99 ${summary.p99Ms} ms`);
if (wrong > 0 || summary.p99Ms > p99LimitMs) process.exitCode = 1;

async function browse(visitor) {
  for (let page = 0; page < pagesEach; page += 1) {
    const start = performance.now();
    const { status } = await call('api', 8080, 'GET', paths[(visitor + page) % paths.length]);
    durations.push(performance.now() - start);
    if (status !== 200) wrong += 1;
  }
}

function quantile(share) {
  return Math.round(durations[Math.min(durations.length - 1, Math.floor(durations.length * share))]);
}
