import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { openPasswordBrowser } from '../support/password-browser';
import { abusePerSecond } from './abuse-kinds';
import type { Row } from './bench';
import type { BenchServer } from './bench-server';
import { launchAndFinish } from './launch';
import { type Measure, quantile } from './measure';

const targetMs = 1_000;
/** With fewer answers it is no abuse that the pages stand beside. */
const leastAnswersPerSecond = 150;
const lines = 200_000;
/** A suite that is expensive to plan. */
const largestSuite = 5_000;
/** Abuse that was sent before anybody looks. */
const warmUpSeconds = 5;

/** What the process that abuses says once a second, from its beginning. */
const progress = z.object({
  sent: z.number(),
  answered: z.number(),
  answers: z.record(z.string(), z.number()),
});
type Progress = z.infer<typeof progress>;

/** One person's pages, without and then with a viewer who sends all that is expensive as fast as they can. */
export const abuse: Row = {
  name: 'abuse',
  isExtra: true,
  async measure(bench) {
    const suites = path.join(bench.folder, 'abuse');
    await writeSuites(suites);
    const server = await bench.startServer({ env: { GANTRY_SUITES: suites, GANTRY_PROCESS_BACKEND: '1' } });
    try {
      const { id } = await launchAndFinish(server, 'lines', 'process');
      const page = await openPages(server, id);
      const rounds = bench.isQuick ? 20 : 100;
      await page.open(5);
      const quiet = await page.open(rounds);
      bench.say(
        `abuse: without it p99 ${quantile([...quiet.overview, ...quiet.execution], 0.99).toFixed(0)} ms`,
      );
      const abuser = await startAbuser(server, id);
      try {
        await abuser.untilSent(abusePerSecond * warmUpSeconds);
        const before = abuser.progress();
        const startedMs = performance.now();
        const loud = await page.open(rounds, (text) =>
          bench.say(`abuse: ${text} beside ${abuser.progress().answered} answers`),
        );
        const seconds = (performance.now() - startedMs) / 1_000;
        const perSecond = (abuser.progress().answered - before.answered) / seconds;
        return {
          title: `Another person's page beside ${abusePerSecond} requests a second of abuse`,
          measures: [
            ...(['overview', 'execution'] as const).flatMap((what) =>
              ([0.5, 0.99] as const).map((part) => measureOf(what, part, quiet[what], loud[what])),
            ),
            {
              what: 'answers to the abuse a second',
              unit: '',
              floor: null,
              gantry: perSecond,
              target: { atLeast: leastAnswersPerSecond },
            },
          ],
          notes: [
            `Each page ${rounds} times: its HTML, and the first item of its first stream. The floor is without the abuse, in the same run.`,
            `Answers to the abuse: ${JSON.stringify(abuser.progress().answers)}.`,
          ],
        };
      } finally {
        await abuser.stop();
      }
    } finally {
      await server.stop();
    }
  },
};

function measureOf(what: string, part: 0.5 | 0.99, quiet: number[], loud: number[]): Measure {
  return {
    what: `${what}, ${part === 0.5 ? 'p50' : 'p99'}`,
    unit: 'ms',
    floor: quantile(quiet, part),
    gantry: quantile(loud, part),
    target: part === 0.99 ? { atMost: targetMs } : null,
  };
}

async function writeSuites(folder: string): Promise<void> {
  const steps = Array.from({ length: largestSuite }, (_, at) => `  step-${at}: { kind: task, run: "true" }`);
  for (const [id, text] of Object.entries({
    lines: `title: Lines\nsteps:\n  print: { kind: task, run: "seq -f 'line %.0f abcdefghij' 1 ${lines}" }\n`,
    large: `title: Large\nsteps:\n${steps.join('\n')}\n`,
  })) {
    await mkdir(path.join(folder, id), { recursive: true });
    await writeFile(path.join(folder, id, 'suite.yaml'), text);
  }
}

/** Opens both pages in turns as a browser that is signed in does, and answers how many milliseconds each took. */
async function openPages(server: BenchServer, id: string) {
  const browser = openPasswordBrowser(server.url);
  const signedIn = await browser.request('/api/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: server.token }),
  });
  if (signedIn.status !== 204) throw new Error(`the person was not signed in: ${signedIn.status}`);
  const openPage = async (html: string, stream: string) => {
    const startedMs = performance.now();
    const page = await browser.request(html, { headers: { accept: 'text/html' } });
    if (page.status !== 200 || !(await page.text()).includes('</html>'))
      throw new Error(`${html}: ${page.status}`);
    await firstItem(await browser.request(stream, { headers: { accept: 'text/event-stream' } }));
    return performance.now() - startedMs;
  };
  return {
    async open(
      rounds: number,
      say: (text: string) => void = () => undefined,
    ): Promise<{ overview: number[]; execution: number[] }> {
      const times = { overview: [] as number[], execution: [] as number[] };
      for (let round = 0; round < rounds; round += 1) {
        times.overview.push(await openPage('/', '/api/v1/engine/overview/stream'));
        times.execution.push(await openPage(`/executions/${id}`, `/api/v1/executions/${id}/events`));
        const last = [times.overview, times.execution].map((each) => (each.at(-1) ?? 0).toFixed(0));
        if (round % 10 === 0) say(`round ${round} of ${rounds}, ${last.join(' and ')} ms`);
      }
      return times;
    },
  };
}

async function firstItem(answer: Response): Promise<void> {
  const reader = answer.body?.getReader();
  let text = '';
  while (!text.includes('\ndata: ') && !text.startsWith('data: ')) {
    const piece = await reader?.read();
    if (!piece?.value) throw new Error(`${answer.url}: ${answer.status}, ended without an item: ${text}`);
    text += Buffer.from(piece.value).toString('latin1');
  }
  await reader?.cancel();
}

/** A viewer in a process of its own, so that what it costs to send all that does not slow the person's browser. */
async function startAbuser(server: BenchServer, executionId: string) {
  const body = JSON.stringify({ name: 'abuser', role: 'viewer' });
  const { token } = z
    .object({ token: z.string() })
    .parse(await (await server.call('/api/v1/tokens', { method: 'POST', body })).json());
  const script = fileURLToPath(new URL('abuser.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, GANTRY_URL: server.url, GANTRY_TOKEN: token, EXECUTION: executionId },
  });
  let last: Progress = { sent: 0, answered: 0, answers: {} };
  let wake = () => {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = progress.parse(JSON.parse(line));
    wake();
  });
  child.once('exit', () => wake());
  return {
    progress: () => last,
    async untilSent(count: number) {
      while (last.sent < count) {
        if (child.exitCode !== null) throw new Error('the process that abuses has ended');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
