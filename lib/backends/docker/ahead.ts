import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../model/errors';
import type { AheadStage, PreparedStep, PrepareWatch } from '../../model/prepared-step';
import type { StepSpec } from '../../model/step-spec';
import { type StepWatch, StopRequest } from '../backend';
import { attemptMadeAhead, attemptName, labelNames } from '../labels';
import { stopRequested } from '../supervise-program';
import { type Attachment, attachTo } from './attachment';
import { prepareAttempt, startAttempt } from './attempt';
import { inspectContainer, removeContainer } from './containers';
import { type Daemon, quickMs } from './daemon';
import { connectGate, explainNoGate, explainNoGateOf, explainNotAhead, type Gate, lookAtGate } from './gate';
import { listContainers } from './listings';
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
  /** Removes what was made ahead in the execution by a control plane that is gone. Nobody else would use it. */
  removeLeft(context: LeftContext, executionId: string): Promise<void>;
}

type LeftContext = Pick<RunContext, 'daemon' | 'ledger' | 'installation' | 'logger'>;

interface Entry {
  context: RunContext;
  step: StepSpec;
  /** Null when it could not be made, and `problem` says why. */
  work: Promise<AheadContainer | null>;
  problem: string | null;
  stopping: AbortController;
  /** System lines about its preparation: logged once the step runs. */
  texts: string[];
  phases: { onPhase: StepWatch['onPhase'] };
  /** Stops listening to the signal of the run. */
  unwatch(): void;
}

export function createAheadContainers(): AheadContainers {
  const entries = new Map<string, Entry>();
  /** Removals and hand-overs that are under way, by the name of the attempt. */
  const departures = new Map<string, { executionId: string; done: Promise<void> }>();

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
    const before = departures.get(attemptName(step))?.done;
    entry.work = attempt(entry, null, async () => {
      const { daemon } = context;
      await before;
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
      const hasGate = made.container.gate !== null;
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
      if (before) await removeAhead(entry.context, entry.step, before);
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
      // So that its end is that of a program that was released: this engine tells the processes of a container.
      if (!(await waits(daemon, ahead))) throw new Error('the engine does not show that it waits');
      return { ...ahead, stage: 'standing', attachment, gate: await connectGate(daemon, id) };
    } catch (error) {
      attachment.close();
      throw error;
    }
  }

  /** Ends what is under way and removes what comes of it. */
  function drop(entry: Entry): Promise<void> {
    return depart(entry, (made) => removeAhead(entry.context, entry.step, made));
  }

  /** Leaves it to whoever comes next. */
  function letGo(entry: Entry): Promise<void> {
    return depart(entry, async (made) => disconnect(made));
  }

  function depart(entry: Entry, leave: (made: AheadContainer) => Promise<void>): Promise<void> {
    entry.stopping.abort();
    const key = attemptName(entry.step);
    const departure = {
      executionId: entry.step.executionId,
      done: entry.work.then((made) => (made ? leave(made) : undefined)),
    };
    departures.set(key, departure);
    return departure.done.finally(() => {
      if (departures.get(key) === departure) departures.delete(key);
    });
  }

  return {
    async prepare(context, step, watch) {
      const key = attemptName(step);
      const late = explainNotAhead(step);
      if (late !== null) return { stage: null, reason: late };
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
        await Promise.race([departures.get(key)?.done, stopRequested(watch.signal)]);
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
      if (await isUsable(entry, made, step)) {
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
      const own = [...departures.values()].filter((departure) => departure.executionId === executionId);
      await Promise.all(own.map(({ done }) => done));
    },
    async removeLeft({ daemon, ledger, installation, logger }, executionId) {
      const label = [`${labelNames.installation}=${installation}`, `${labelNames.execution}=${executionId}`];
      for (const { Id, Names, Labels } of await listContainers(daemon, { label })) {
        const name = attemptMadeAhead(Names[0]?.replace(/^\//, '') ?? '', Labels);
        if (name !== null && !entries.has(name) && !departures.has(name))
          await removeUnused({ daemon, ledger, logger }, executionId, { id: Id, name });
      }
    },
  };

  /** Never rejects: what cannot be looked at is made again. */
  async function isUsable(entry: Entry, made: AheadContainer, step: StepSpec): Promise<boolean> {
    const { daemon, logger } = entry.context;
    try {
      if (!isDeepStrictEqual(entry.step, step)) return false;
      if (made.stage === 'standing') return await waits(daemon, made);
      return (await inspectContainer(daemon, made.container.id))?.State.Status === 'created';
    } catch (error) {
      logger.warn(
        { step: step.stepId, error: messageOf(error) },
        'a container made ahead cannot be looked at',
      );
      return false;
    }
  }
}

/** A container that is paused, or that somebody has released, does not. */
async function waits(daemon: Daemon, { container: { id, gate } }: AheadContainer): Promise<boolean> {
  const details = await inspectContainer(daemon, id);
  if (gate === null || !details?.State.Running || details.State.Paused) return false;
  return (await lookAtGate(daemon, id, gate)) === 'waits';
}

export function disconnect({ attachment, gate }: AheadContainer): void {
  attachment?.close();
  gate?.close();
}

/** Removes what was made ahead and not released. Never rejects. */
export async function removeAhead(
  context: Pick<RunContext, 'daemon' | 'ledger' | 'logger'>,
  step: StepSpec,
  made: AheadContainer,
): Promise<void> {
  disconnect(made);
  await removeUnused(context, step.executionId, { id: made.container.id, name: attemptName(step) });
}

async function removeUnused(
  { daemon, ledger, logger }: Pick<RunContext, 'daemon' | 'ledger' | 'logger'>,
  executionId: string,
  { id, name }: { id: string; name: string },
): Promise<void> {
  try {
    await removeContainer(daemon, id, name);
    await ledger.removed(executionId, 'container', name);
  } catch (error) {
    // It carries its labels: the end of its environment removes it.
    logger.warn({ container: name, error: messageOf(error) }, 'a container made ahead is not gone');
  }
}
