import { get } from 'node:http';
import { connect } from 'node:net';
import type { Clock } from '../clock';
import { AppError, messageOf } from '../model/errors';
import type { ReadyProbe } from '../model/node';
import { describeLogRule } from './log-rule';
import type { LogWatcher } from './log-watcher';

/** What a backend offers for its step to be probed. */
export interface ProbeTarget {
  /** Where this process reaches the step's declared port. */
  address(port: number): Promise<{ host: string; port: number }>;
  /**
   * Runs a program beside the step's own. `output` is its first line. `onRunning` tells when the program runs and when
   * it does no more: a program may hang, and before and after that it is the vendor that is silent.
   */
  exec(
    argv: string[],
    signal: AbortSignal,
    onRunning: (isRunning: boolean) => void,
  ): Promise<{ exitCode: number; output: string }>;
  /** The vendor's own health check. `message` is what it said last. */
  health(): Promise<{ status: 'healthy' | 'unhealthy' | 'starting' | 'none'; message: string }>;
  /** For log probes: fed with every line, also those of an earlier call. */
  log: LogWatcher | null;
  /** Why nothing answers at the port, as far as the step's own sockets tell; null where they cannot be seen. */
  explainPort?(port: number): Promise<string | null>;
}

export interface Answer {
  ready: boolean;
  /** One sentence. */
  text: string;
  /** It will never hold: nobody needs to ask again. */
  isFinal?: boolean;
  /** The vendor could not do its part, which says nothing about the step. */
  fault?: AppError;
}

const attemptLimitMs = 5_000;

export function describeProbe(probe: ReadyProbe): string {
  switch (probe.type) {
    case 'tcp':
      return `tcp port ${probe.port}`;
    case 'http':
      return `GET ${probe.path} on port ${probe.port}`;
    case 'exec':
      return `exec ${probe.argv.join(' ')}`;
    case 'log': {
      const what = `with ${describeLogRule(probe.rule)}`;
      return probe.count === 1 ? `log line ${what}` : `${probe.count} log lines ${what}`;
    }
    case 'healthcheck':
      return 'health check';
  }
}

/** One question with its own deadline; a question that is not answered counts as an answer. Never rejects. */
export async function probeOnce(
  clock: Clock,
  probe: ReadyProbe,
  target: ProbeTarget,
  stop: AbortSignal,
): Promise<Answer> {
  const controller = new AbortController();
  const signal = AbortSignal.any([stop, controller.signal]);
  let isStepsTurn = probe.type !== 'exec';
  const silence = clock.sleep(attemptLimitMs, signal).then(() => {
    const text = `no answer within ${attemptLimitMs / 1000} s`;
    const fault = new AppError('backend_unavailable', 'the probe was not run in time');
    return isStepsTurn ? { ready: false, text } : { ready: false, text, fault };
  });
  const onRunning = (isRunning: boolean) => {
    isStepsTurn = isRunning;
  };
  const answer = runProbe(probe, target, signal, onRunning).catch((error: unknown) => ({
    ready: false,
    text: messageOf(error),
    ...(isFault(error) ? { fault: error } : {}),
  }));
  try {
    return await Promise.race([answer, silence]);
  } finally {
    controller.abort();
  }
}

function isFault(error: unknown): error is AppError {
  return (
    error instanceof AppError && (error.code === 'backend_failed' || error.code === 'backend_unavailable')
  );
}

async function runProbe(
  probe: ReadyProbe,
  target: ProbeTarget,
  signal: AbortSignal,
  onRunning: (isRunning: boolean) => void,
): Promise<Answer> {
  switch (probe.type) {
    case 'tcp':
      return probeTcp(await target.address(probe.port), signal);
    case 'http':
      return probeHttp(await target.address(probe.port), probe.path, probe.status, signal);
    case 'exec': {
      const { exitCode, output } = await target.exec(probe.argv, signal, onRunning);
      return { ready: exitCode === 0, text: `exit code ${exitCode}${output ? `: ${output}` : ''}` };
    }
    case 'log': {
      if (!target.log) throw new Error('the output is not watched');
      const line = target.log.found(probe);
      return line === null ? { ready: false, text: 'no such line yet' } : { ready: true, text: line };
    }
    case 'healthcheck': {
      const { status, message } = await target.health();
      if (status === 'none')
        return { ready: false, isFinal: true, text: 'neither the step nor its image has one' };
      return { ready: status === 'healthy', text: message ? `${status}: ${message}` : status };
    }
  }
}

function probeTcp({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ ready: true, text: 'connected' });
    });
    socket.once('error', (error) => reject(plainNetworkError(error)));
  });
}

function probeHttp(
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
