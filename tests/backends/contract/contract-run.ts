import {
  type ArtifactStream,
  type Backend,
  type StepOutcome,
  type StepWatch,
  StopRequest,
} from '@/lib/backends/backend';
import { messageOf } from '@/lib/model/errors';
import type { LogPosition, OutputLine, UnfinishedLine } from '@/lib/model/log-line';
import type { StepSpec } from '@/lib/model/step-spec';

export interface WatchedStep {
  outcome: Promise<StepOutcome>;
  lines: OutputLine[];
  /** Each as it came. */
  unfinished: UnfinishedLine[];
  artifacts: { path: string; format: ArtifactStream['format']; text: string }[];
  /** `running`, `ready`, `lines`, `artifact`, each as it came. */
  calls: string[];
  /** When it got ready, in milliseconds since the epoch. */
  readyAtMs: number | null;
  /** How many deliveries of lines were ever under way at the same time. */
  concurrentDeliveries: number;
  stop(why: StopRequest['why'], graceMs?: number): void;
  /** What was asked for, if anything. */
  stopRequest(): StopRequest | null;
  /** Resolves once the condition holds; rejects with all that is known when the step ends before. */
  until(condition: (step: WatchedStep) => boolean): Promise<void>;
  texts(stream?: OutputLine['stream']): string[];
}

/** Runs a step as the engine does and keeps all that the backend says. */
export function watchStep(
  backend: Backend,
  step: StepSpec,
  options: {
    resumeAfter?: LogPosition;
    wasRunning?: boolean;
    signal?: AbortController;
    takeLines?: () => Promise<void>;
    openInput?: StepWatch['openInput'];
  } = {},
): WatchedStep {
  const stop = options.signal ?? new AbortController();
  let watchers: (() => void)[] = [];
  let deliveries = 0;
  /** How, once it has. */
  let over: string | null = null;

  function changed(): void {
    for (const watcher of watchers) watcher();
  }

  function called(name: string): void {
    watched.calls.push(name);
    changed();
  }

  const watch: StepWatch = {
    signal: stop.signal,
    ...(options.resumeAfter ? { resumeAfter: options.resumeAfter } : {}),
    ...(options.wasRunning ? { wasRunning: true } : {}),
    ...(options.openInput ? { openInput: options.openInput } : {}),
    onPhase: () => {},
    onRunning: () => called('running'),
    onReady() {
      watched.readyAtMs = Date.now();
      called('ready');
    },
    async onLines(lines) {
      deliveries += 1;
      watched.concurrentDeliveries = Math.max(watched.concurrentDeliveries, deliveries);
      await options.takeLines?.();
      for (const line of lines) watched.lines.push(line);
      deliveries -= 1;
      called('lines');
    },
    onUnfinished(line) {
      watched.unfinished.push(line);
      called('unfinished');
    },
    async onArtifact({ path, format, content }) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      watched.artifacts.push({ path, format, text: Buffer.concat(chunks).toString() });
      called('artifact');
    },
  };

  const watched: WatchedStep = {
    outcome: Promise.resolve().then(() => backend.runStep(step, watch)),
    lines: [],
    unfinished: [],
    artifacts: [],
    calls: [],
    readyAtMs: null,
    concurrentDeliveries: 0,
    stop: (why, graceMs = 5_000) => stop.abort(new StopRequest(why, graceMs)),
    stopRequest: () => (stop.signal.reason instanceof StopRequest ? stop.signal.reason : null),
    until: (condition) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (condition(watched)) resolve();
          else if (over) reject(new Error(`the step ended before, ${over}: ${JSON.stringify(watched)}`));
          else return;
          watchers = watchers.filter((watcher) => watcher !== look);
        };
        watchers.push(look);
        look();
      }),
    texts: (stream) =>
      watched.lines
        .filter((line) => (stream ? line.stream === stream : line.stream !== 'system'))
        .map(({ text }) => text),
  };
  const ended = (how: string) => {
    over = how;
    changed();
  };
  watched.outcome.then(
    (outcome) => ended(`with ${JSON.stringify(outcome)}`),
    (error: unknown) => ended(`rejected with ${messageOf(error)}`),
  );
  return watched;
}
