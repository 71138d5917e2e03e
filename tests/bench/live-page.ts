import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright';
import { openBrowser, signIn } from '../support/browser';
import { chromiumPath } from '../support/requirements';
import type { Row } from './bench';
import type { BenchServer } from './bench-server';
import { cancel, eventsOf, launch } from './launch';
import { type Measure, median, quantile } from './measure';

const steps = 500;
const loads = 5;
/** Each step prints 250 lines a second for two seconds; eight run at a time. */
const print = 'for i in 1 2 3 4 5; do seq 1 100; sleep 0.4; done';

/** The page of a run of 500 steps, eight at a time, with 2,000 lines a second, in a real browser. */
export const livePage: Row = {
  name: 'live-page',
  async measure(bench) {
    if (!chromiumPath) throw new Error('there is no Chromium on this machine');
    const seconds = bench.isQuick ? 10 : 30;
    const suites = path.join(bench.folder, 'live-page');
    await writeSuite(path.join(suites, 'live-page'));
    const server = await bench.startServer({ env: { GANTRY_SUITES: suites, GANTRY_PROCESS_BACKEND: '1' } });
    const browser = await openBrowser();
    try {
      const { page } = await signIn(browser, server);
      await page.addInitScript(watchPage);
      const id = await launch(server, 'live-page', 'process');
      const shownMs: number[] = [];
      for (let count = 0; count < loads; count += 1) shownMs.push(await open(page, server, id));
      bench.say(`live-page: first steps after ${median(shownMs).toFixed(0)} ms`);
      await page.waitForTimeout(2_000);
      const seqBefore = await lastSeq(server, id);
      const watched = await watch(page, seconds);
      const changes = (await eventsOf(server, id)).slice(seqBefore).filter(({ stepId }) => stepId).length;
      const clicks = await clickRows(page);
      await cancel(server, id);
      return {
        title: `A live run of ${steps} steps, 8 at a time, in a browser`,
        measures: measuresOf({ shownMs, watched, changes, clicks, seconds }),
        notes: [
          `From the request of the page to its first steps in the document, ${loads} times; then ${seconds} s of watching with the log of the running step open. A row counts as drawn when anything in it changes, its clock aside. Load of the machine at the end: ${loadavg()[0]?.toFixed(1)}.`,
        ],
      };
    } finally {
      await browser.close();
      await server.stop();
    }
  },
};

async function writeSuite(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines = Array.from({ length: steps }, (_, at) => `  step-${at + 1}: { kind: task, run: "${print}" }`);
  await writeFile(path.join(folder, 'suite.yaml'), `title: Live page\nsteps:\n${lines.join('\n')}\n`);
}

interface Watched {
  tasksMs: number[];
  framesMs: number[];
  /** Rows of steps that were drawn anew, each time counted. */
  rows: number;
  /** Rows of the log that were drawn anew. */
  lines: number;
}

/** In the page: what its thread is busy with, and what is drawn anew. */
function watchPage(): void {
  const watched = { tasksMs: [] as number[], framesMs: [] as number[], rows: 0, lines: 0, firstStepMs: 0 };
  Object.assign(globalThis, { watched });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.tasksMs.push(duration);
  }).observe({ type: 'longtask' });
  let before = performance.now();
  const frame = (now: number) => {
    watched.framesMs.push(now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const elementOf = (node: Node) => (node instanceof Element ? node : node.parentElement);
  new MutationObserver((changes) => {
    const rows = new Set<Element>();
    const lines = new Set<Element>();
    for (const { target, addedNodes, type } of changes) {
      if (watched.firstStepMs === 0 && document.querySelector('[data-step]'))
        watched.firstStepMs = performance.now();
      for (const node of [target, ...addedNodes]) {
        const row = elementOf(node)?.closest('[data-step]') ?? null;
        // The clock of a step that runs.
        if (row && !(type === 'characterData' && row.lastElementChild?.contains(node))) rows.add(row);
        const line = elementOf(node)?.closest('[data-line]');
        if (line) lines.add(line);
      }
    }
    watched.rows += rows.size;
    watched.lines += lines.size;
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
}

async function open(page: Page, server: BenchServer, id: string): Promise<number> {
  await page.goto(`${server.url}/executions/${id}`);
  await page.locator('[data-connection="live"]').waitFor();
  await page.locator('[data-step]').first().waitFor();
  return page.evaluate(() => Number(Reflect.get(Reflect.get(globalThis, 'watched'), 'firstStepMs')));
}

async function watch(page: Page, seconds: number): Promise<Watched> {
  const clear = () =>
    Object.assign(Reflect.get(globalThis, 'watched'), { tasksMs: [], framesMs: [], rows: 0, lines: 0 });
  await page.evaluate(clear);
  await page.waitForTimeout(seconds * 1000);
  return page.evaluate(() => Reflect.get(globalThis, 'watched'));
}

/** From a click on a step to its head in a drawn frame, in milliseconds. */
async function clickRows(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const times: number[] = [];
    const rows = [...document.querySelectorAll<HTMLElement>('[data-step]')].slice(0, 10);
    for (const row of rows) {
      const startedMs = performance.now();
      row.click();
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      times.push(performance.now() - startedMs);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return times;
  });
}

async function lastSeq(server: BenchServer, id: string): Promise<number> {
  return (await eventsOf(server, id)).length;
}

function measuresOf({
  shownMs,
  watched,
  changes,
  clicks,
  seconds,
}: {
  shownMs: number[];
  watched: Watched;
  changes: number;
  clicks: number[];
  seconds: number;
}): Measure[] {
  const measure = (what: string, unit: Measure['unit'], gantry: number, atMost: number | null): Measure => ({
    what,
    unit,
    floor: null,
    gantry,
    target: atMost === null ? null : { atMost },
  });
  const blockedMs = watched.tasksMs.reduce((sum, ms) => sum + ms, 0);
  return [
    measure('request to first steps, median', 'ms', median(shownMs), 1_500),
    measure('longest task', 'ms', Math.max(0, ...watched.tasksMs), 100),
    measure('time in tasks over 50 ms', '%', (blockedMs / (seconds * 1000)) * 100, 5),
    measure('frames p95', 'ms', quantile(watched.framesMs, 0.95), 33),
    measure('click to paint p95', 'ms', quantile(clicks, 0.95), 100),
    measure('rows of steps drawn anew a second', '', watched.rows / seconds, null),
    measure('changes of steps a second', '', changes / seconds, null),
    measure('rows of the log drawn anew a second', '', watched.lines / seconds, null),
  ];
}
