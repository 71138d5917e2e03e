import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../model/errors';
import type { AheadStage, PreparedStep, PrepareWatch } from '../../model/prepared-step';
import type { StepSpec } from '../../model/step-spec';
import { type StepWatch, StopRequest } from '../backend';
import { attemptName } from '../labels';
import { stopRequested } from '../supervise-program';
import { type Attachment, attachTo } from './attachment';
import { prepareAttempt, startAttempt } from './attempt';
import { inspectContainer, removeContainer } from './containers';
import { quickMs } from './daemon';
import { connectGate, explainNoGate, explainNoGateOf, type Gate } from './gate';
import { type Provided, provideAttempt } from './provide-attempt';
import type { RunContext } from './run-context';

/** A container that was made before its step could run. */
export interface AheadContainer extends Provided {
  stage: AheadStage;
  /** Why it does not stand. */
  reason: string | null;
  /** To what it prints, and to its gate, when it stands. */
  attachment: Attachment | null;
  gate: Gate | null;
}

export interface AheadContainers {
  /** Implements `Backend.prepareStep`. */
  prepare(context: RunContext, step: StepSpec, watch: PrepareWatch): Promise<PreparedStep>;
  /** Implements `Backend.discardStep`. */
  discard(step: StepSpec): Promise<void>;
  /**
   * What was made for just this attempt, once it is there; null when there is nothing that can be used: then there is
   * nothing. `stopped`: the signal ended first. `log` receives what making it had to tell.
   */
  take(
    step: StepSpec,
    watch: StepWatch,
    log: (text: string) => void,
  ): Promise<AheadContainer | 'stopped' | null>;
  /** Resolves once nothing of the execution is being made or removed any more, and forgets what was. */
  forget(executionId: string): Promise<void>;
}

interface Entry {
  context: RunContext;
  step: StepSpec;
  /** Null when it could not be made, and `problem` says why. */
  work: Promise<AheadContainer | null>;
  problem: string | null;
  stopping: AbortController;
  /** Told when the step is run. */
  texts: string[];
  phases: { onPhase: StepWatch['onPhase'] };
  /** It is nobody's to let go of any more. */
  unwatch(): void;
}

export function createAheadContainers(): AheadContainers {
  const entries = new Map<string, Entry>();
  const removals = new Map<string, { executionId: string; done: Promise<void> }>();

  function begin(context: RunContext, step: StepSpec, { registryLogin, signal }: PrepareWatch): Entry {
    const entry: Entry = {
      context,
      step,
      work: Promise.resolve(null),
      problem: null,
      stopping: new AbortController(),
      texts: [],
      phases: { onPhase: () => undefined },
      unwatch: () => signal.removeEventListener('abort', leave),
    };
    const leave = () => {
      if (takeOut(attemptName(step)) === entry) void letGo(entry);
    };
    signal.addEventListener('abort', leave);
    entry.work = attempt(entry, null, async () => {
      const { daemon } = context;
      await daemon.engine(quickMs);
      const noGate = explainNoGate(step, daemon.name);
      const watch = {
        signal: entry.stopping.signal,
        onPhase: (phase: Parameters<StepWatch['onPhase']>[0]) => entry.phases.onPhase(phase),
        ...(registryLogin ? { registryLogin } : {}),
      };
      const log = (text: string) => void entry.texts.push(text);
      const made = await provideAttempt(context, step, watch, log, { wantsGate: noGate === null });
      if (!made) return null;
      const hasGate = made.container.ahead === 'gate';
      const reason = hasGate ? null : (noGate ?? 'there is no step-init for its architecture');
      const ahead = { ...made, stage: 'prepared' as const, reason, attachment: null, gate: null };
      return attempt(entry, ahead, async () => {
        await prepareAttempt(context, made.container.id, step, {});
        return ahead;
      });
    });
    return entry;
  }

  function takeOut(key: string): Entry | null {
    const entry = entries.get(key) ?? null;
    entries.delete(key);
    entry?.unwatch();
    return entry;
  }

  /** Null when it fails; then what was there is removed. */
  async function attempt(
    entry: Entry,
    before: AheadContainer | null,
    work: () => Promise<AheadContainer | null>,
  ): Promise<AheadContainer | null> {
    try {
      return await work();
    } catch (error) {
      entry.problem = messageOf(error);
      if (before) await remove(entry, before);
      return null;
    }
  }

  async function stand(entry: Entry, ahead: AheadContainer): Promise<AheadContainer> {
    const { daemon, clock } = entry.context;
    if (ahead.stage === 'standing' || ahead.reason !== null || entry.stopping.signal.aborted) return ahead;
    const { id } = ahead.container;
    const details = await inspectContainer(daemon, id);
    const reason = details && explainNoGateOf(details);
    if (reason) return { ...ahead, reason };
    const attachment = await attachTo({ clock, daemon }, id);
    try {
      await startAttempt(daemon, id, entry.step);
      return { ...ahead, stage: 'standing', attachment, gate: await connectGate(daemon, id) };
    } catch (error) {
      attachment.close();
      throw error;
    }
  }

  async function remove({ context, step }: Entry, { container, ...ahead }: AheadContainer): Promise<void> {
    const { daemon, ledger, logger } = context;
    const name = attemptName(step);
    ahead.attachment?.close();
    ahead.gate?.close();
    try {
      await removeContainer(daemon, container.id, name);
      ledger.removed(step.executionId, 'container', name);
    } catch (error) {
      // It carries its labels: the end of its environment removes it.
      logger.warn({ container: name, error: messageOf(error) }, 'a container made ahead is not gone');
    }
  }

  /** Ends what is under way and removes what comes of it. */
  function drop(entry: Entry): Promise<void> {
    entry.stopping.abort();
    const key = attemptName(entry.step);
    const removal = {
      executionId: entry.step.executionId,
      done: entry.work.then((made) => (made ? remove(entry, made) : undefined)),
    };
    removals.set(key, removal);
    return removal.done.finally(() => {
      if (removals.get(key) === removal) removals.delete(key);
    });
  }

  /** Leaves it to whoever comes next. */
  async function letGo(entry: Entry): Promise<void> {
    entry.stopping.abort();
    const made = await entry.work;
    made?.attachment?.close();
    made?.gate?.close();
  }

  async function isAsItWas({ context: { daemon } }: Entry, made: AheadContainer): Promise<boolean> {
    const found = await inspectContainer(daemon, made.container.id);
    return made.stage === 'standing' ? found?.State.Running === true : found?.State.Status === 'created';
  }

  return {
    async prepare(context, step, watch) {
      const key = attemptName(step);
      if (step.node.build !== null) return { stage: null, reason: 'its image is built when it runs' };
      let entry = entries.get(key);
      if (!entry) {
        if (watch.signal.aborted) return { stage: null, reason: null };
        entry = begin(context, step, watch);
        entries.set(key, entry);
      }
      const known = entry;
      if (watch.stage === 'standing')
        known.work = known.work.then((made) => made && attempt(known, made, () => stand(known, made)));
      const made = await known.work;
      if (made) return { stage: made.stage, reason: made.reason };
      if (entries.get(key) === known) takeOut(key);
      return { stage: null, reason: known.problem };
    },
    async discard(step) {
      const entry = takeOut(attemptName(step));
      if (entry) await drop(entry);
    },
    async take(step, watch, log) {
      const key = attemptName(step);
      const entry = takeOut(key);
      if (!entry) {
        // It was not needed, and then it was: its row is written before that of the next container of its name.
        await Promise.race([removals.get(key)?.done, stopRequested(watch.signal)]);
        return null;
      }
      entry.phases.onPhase = watch.onPhase;
      const made = await Promise.race([entry.work, stopRequested(watch.signal)]);
      if (made instanceof StopRequest) {
        if (made.why === 'detached') void letGo(entry);
        else void drop(entry);
        return 'stopped';
      }
      if (!made) return null;
      if (isDeepStrictEqual(entry.step, step) && (await isAsItWas(entry, made))) {
        for (const text of entry.texts) log(text);
        return made;
      }
      await drop(entry);
      return null;
    },
    async forget(executionId) {
      for (const [key, entry] of entries) {
        if (entry.step.executionId !== executionId) continue;
        takeOut(key);
        void drop(entry);
      }
      const own = [...removals.values()].filter((removal) => removal.executionId === executionId);
      await Promise.all(own.map(({ done }) => done));
    },
  };
}
