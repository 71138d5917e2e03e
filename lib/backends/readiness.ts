import { get } from 'node:http';
import { connect } from 'node:net';
import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { OutputLine } from '../model/log-line';
import type { LogRule, ReadyProbe, ReadyRule } from '../model/node';
import { compileLogRule, describeLogRule } from './log-rule';

/** What a backend offers for its step to be probed. Rejections are answers: their message is shown. */
export interface ProbeTarget {
  /** Where this process reaches the step's declared port. */
  address(port: number): Promise<{ host: string; port: number }>;
  /** Runs a program beside the step's own. `output` is its first line. */
  exec(argv: string[], signal: AbortSignal): Promise<{ exitCode: number; output: string }>;
  /** The vendor's own health check. `message` is what it said last. */
  health(): Promise<{ status: 'healthy' | 'unhealthy' | 'starting' | 'none'; message: string }>;
  /** For a log probe: made by `createLogWatcher` and fed with every line, also those of an earlier call. */
  log: LogWatcher | null;
}

export interface LogWatcher {
  feed(lines: readonly OutputLine[]): void;
  /** Resolves with the first line that matched. Never rejects. */
  matched: Promise<string>;
}

export interface ProbeWatch {
  /** Ends the probing: the step has ended or is being stopped. */
  signal: AbortSignal;
  /** One sentence; equal answers in a row come as one line with their number. */
  onTranscript(text: string): void;
  /** The last answer, whenever it changes. */
  onPhase(detail: string): void;
}

export type Readiness = { ready: true } | { ready: false; reason: string } | { ready: false; reason: null };

const attemptLimitMs = 5_000;

export function createLogWatcher(rule: LogRule): LogWatcher {
  const matches = compileLogRule(rule);
  let settle: ((text: string) => void) | null = null;
  const matched = new Promise<string>((resolve) => {
    settle = resolve;
  });
  return {
    feed(lines) {
      if (!settle) return;
      const line = lines.find(matches);
      if (!line) return;
      settle(line.text);
      settle = null;
    },
    matched,
  };
}

/** Asks the target itself; see `askUntilReady`. */
export function probeUntilReady(
  { clock }: { clock: Clock },
  rule: ReadyRule,
  target: ProbeTarget,
  watch: ProbeWatch,
): Promise<Readiness> {
  return askUntilReady({ clock }, rule, (signal) => askOnce(clock, rule.probe, target, signal), watch);
}

/**
 * Asks until the step is ready or the rule's time is over (then `reason` says what was asked, for how long, and
 * the last answer). `reason` is null when the signal ended it. Never rejects, and neither may `ask`.
 */
export async function askUntilReady(
  { clock }: { clock: Clock },
  rule: ReadyRule,
  ask: (signal: AbortSignal) => Promise<Answer>,
  watch: ProbeWatch,
): Promise<Readiness> {
  const startMs = clock.monotonicMs();
  const what = describeProbe(rule.probe);
  const transcript = createTranscript(what, watch);
  const over = new AbortController();
  const signal = AbortSignal.any([watch.signal, over.signal]);
  const limit = clock.sleep(rule.timeoutMs, signal).then(() => over.abort());
  try {
    for (;;) {
      const answer = await ask(signal);
      if (answer.ready) {
        transcript.ready(clock.monotonicMs() - startMs, answer.text);
        return { ready: true };
      }
      if (!signal.aborted) {
        transcript.add(answer.text);
        await clock.sleep(rule.intervalMs, signal);
      }
      if (watch.signal.aborted) return { ready: false, reason: null };
      if (over.signal.aborted) {
        const last = transcript.last() ?? answer.text;
        return {
          ready: false,
          reason: `not ready after ${formatSeconds(rule.timeoutMs)}: ${what}: ${last}`,
        };
      }
    }
  } finally {
    transcript.close();
    over.abort();
    await limit;
  }
}

export function describeProbe(probe: ReadyProbe): string {
  switch (probe.type) {
    case 'tcp':
      return `tcp port ${probe.port}`;
    case 'http':
      return `GET ${probe.path} on port ${probe.port}`;
    case 'exec':
      return `exec ${probe.argv.join(' ')}`;
    case 'log':
      return `log line with ${describeLogRule(probe.rule)}`;
    case 'healthcheck':
      return 'health check of the image';
  }
}

export interface Answer {
  ready: boolean;
  /** One sentence. */
  text: string;
}

/** One question with its own deadline; a question that is not answered counts as an answer. */
async function askOnce(
  clock: Clock,
  probe: ReadyProbe,
  target: ProbeTarget,
  stop: AbortSignal,
): Promise<Answer> {
  const controller = new AbortController();
  const signal = AbortSignal.any([stop, controller.signal]);
  const limitMs = probe.type === 'log' ? Number.POSITIVE_INFINITY : attemptLimitMs;
  const silence = clock.sleep(limitMs, signal).then(() => ({
    ready: false,
    text: probe.type === 'log' ? 'no such line yet' : `no answer within ${formatSeconds(attemptLimitMs)}`,
  }));
  const answer = ask(probe, target, signal).catch((error: unknown) => ({
    ready: false,
    text: messageOf(error),
  }));
  try {
    return await Promise.race([answer, silence]);
  } finally {
    controller.abort();
  }
}

async function ask(probe: ReadyProbe, target: ProbeTarget, signal: AbortSignal): Promise<Answer> {
  switch (probe.type) {
    case 'tcp':
      return askTcp(await target.address(probe.port), signal);
    case 'http':
      return askHttp(await target.address(probe.port), probe.path, probe.status, signal);
    case 'exec': {
      const { exitCode, output } = await target.exec(probe.argv, signal);
      return { ready: exitCode === 0, text: `exit code ${exitCode}${output ? `: ${output}` : ''}` };
    }
    case 'log':
      if (!target.log) throw new Error('the output is not watched');
      return { ready: true, text: await target.log.matched };
    case 'healthcheck': {
      const { status, message } = await target.health();
      if (status === 'none') return { ready: false, text: 'the image has no health check' };
      return { ready: status === 'healthy', text: message ? `${status}: ${message}` : status };
    }
  }
}

function askTcp({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ ready: true, text: 'connected' });
    });
    socket.once('error', (error) => reject(plainNetworkError(error)));
  });
}

function askHttp(
  { host, port }: { host: string; port: number },
  path: string,
  wanted: number[] | null,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get({ host, port, path, signal, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      resolve({
        ready: wanted ? wanted.includes(status) : status >= 200 && status < 400,
        text: `status ${status}`,
      });
    });
    request.once('error', (error) => reject(plainNetworkError(error)));
  });
}

/** The same words for the same thing wherever the step runs: without the address, which changes. */
function plainNetworkError(error: Error): Error {
  const code = 'code' in error ? String(error.code) : '';
  const words: Record<string, string> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection reset',
    EHOSTUNREACH: 'no route to the host',
    ETIMEDOUT: 'connection timed out',
  };
  return new Error(words[code] ?? error.message, { cause: error });
}

function createTranscript(what: string, watch: ProbeWatch) {
  let last: string | null = null;
  let repeats = 0;

  function writeRepeats(): void {
    if (repeats > 0) watch.onTranscript(`probe of ${what}: ${last} (${repeats} more times)`);
    repeats = 0;
  }

  return {
    last: () => last,
    add(text: string): void {
      if (text === last) {
        repeats += 1;
        return;
      }
      writeRepeats();
      last = text;
      watch.onTranscript(`probe of ${what}: ${text}`);
      watch.onPhase(text);
    },
    ready(afterMs: number, text: string): void {
      writeRepeats();
      watch.onTranscript(`probe of ${what}: ${text}, ready after ${formatSeconds(afterMs)}`);
    },
    close: writeRepeats,
  };
}

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0).replace(/\.0$/, '')} s`;
}
