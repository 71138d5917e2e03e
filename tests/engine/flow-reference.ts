import fc from 'fast-check';
import { createFlow, type FlowNode, type Move } from '@/lib/engine/flow';
import type { FinalStepStatus, StepStatus } from '@/lib/model/status';

/** How a node ends when it is started. Services that pass get ready, and end when they are stopped. */
export type Endings = ReadonlyMap<string, 'passed' | 'failed' | 'errored' | 'timed_out'>;

export interface Case {
  nodes: FlowNode[];
  endings: Endings;
  failFast: boolean;
  /** Decides which of the things that could happen next does. */
  choices: number[];
  /** After so many of them another control plane takes over. */
  takeOverAfter: number | null;
  /** After so many of them the run is cut short. */
  cutAfter: number | null;
}

const ending = fc.constantFrom('passed', 'passed', 'passed', 'failed', 'errored', 'timed_out');

export const anyCase: fc.Arbitrary<Case> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('task', 'task', 'test', 'service', 'mock'),
      continueOnFailure: fc.boolean(),
      always: fc.constantFrom(false, false, false, true),
      after: fc.array(fc.nat(), { maxLength: 3 }),
      onFailure: fc.array(fc.nat(), { maxLength: 2 }),
      watches: fc.nat(3),
      ending,
    }),
    { minLength: 1, maxLength: 12 },
  )
  .chain((drafts) =>
    fc.record({
      nodes: fc.constant(
        drafts.map(({ kind, continueOnFailure, always, after, onFailure, watches }, position): FlowNode => {
          const names = (numbers: number[]) =>
            position === 0 ? [] : [...new Set(numbers.map((number) => `n${number % position}`))];
          return {
            id: `n${position}`,
            kind: kind as FlowNode['kind'],
            continueOnFailure,
            always,
            after: names(after),
            onFailure: watches === 0 ? names(onFailure) : [],
          };
        }),
      ),
      endings: fc.constant(
        new Map(drafts.map((draft, position) => [`n${position}`, draft.ending as 'passed'])),
      ),
      failFast: fc.constant(false),
      choices: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
      takeOverAfter: fc.option(fc.nat(15)),
      cutAfter: fc.constant(null),
    }),
  );

/** What docs/suites.md says, read out naively: nodes stand in an order in which each comes after what it waits for. */
export function expectedStatuses({ nodes, endings }: Case): Record<string, FinalStepStatus> {
  const statuses: Record<string, FinalStepStatus> = {};
  const isBad = (status: FinalStepStatus | undefined) => status !== 'passed' && status !== 'skipped';
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const { id, after, onFailure, always } of nodes) {
    const nothingFailed = onFailure.length > 0 && !onFailure.some((other) => isBad(statuses[other]));
    const stopped = after.some((other) => isBad(statuses[other]) && !byId.get(other)?.continueOnFailure);
    const afterSkipped = after.some((other) => statuses[other] === 'skipped');
    const isSkipped = nothingFailed || (!always && (stopped || afterSkipped));
    statuses[id] = isSkipped ? 'skipped' : (endings.get(id) ?? 'passed');
  }
  return statuses;
}

export interface Played {
  statuses: Record<string, StepStatus>;
  /** `start a`, `ready a`, `end a`, `skip a`, `stop a`, `cancel a`, `drop a` in the order in which they happened. */
  history: string[];
}

/** Plays the part of everything around the flow: starts what it says, and lets things end in any order. */
export function play(given: Case): Played {
  const { nodes, endings, choices } = given;
  const kinds = new Map(nodes.map(({ id, kind }) => [id, kind]));
  const statuses = new Map<string, StepStatus>(nodes.map(({ id }) => [id, 'pending']));
  const history: string[] = [];
  const stops = new Map<string, FinalStepStatus>();
  let flow = createFlow(nodes, given.failFast);
  let moves: Move[] = flow.begin();

  const staysUp = (id: string) => kinds.get(id) === 'service' || kinds.get(id) === 'mock';
  const possible = () =>
    nodes.flatMap(({ id }): { id: string; status: StepStatus }[] => {
      const status = statuses.get(id);
      const stop = stops.get(id);
      if (stop && (status === 'ready' || (status === 'running' && stop === 'cancelled')))
        return [{ id, status: stop }];
      if (status !== 'running') return [];
      const end = endings.get(id) ?? 'passed';
      return [{ id, status: end === 'passed' && staysUp(id) ? 'ready' : end }];
    });

  for (let turn = 0; ; turn += 1) {
    if (turn > 10_000) throw new Error(`the flow does not end: ${history.join(', ')}`);
    for (const move of moves) {
      history.push(`${move.type} ${move.id}`);
      if (move.type === 'start') statuses.set(move.id, 'running');
      if (move.type === 'skip') statuses.set(move.id, 'skipped');
      if (move.type === 'drop') statuses.set(move.id, 'cancelled');
      if (move.type === 'stop') stops.set(move.id, 'passed');
      if (move.type === 'cancel') stops.set(move.id, 'cancelled');
    }
    moves = [];
    if (turn === given.takeOverAfter) {
      // What was asked for and has not happened is asked for again.
      stops.clear();
      flow = createFlow(nodes, given.failFast);
      history.push('take-over');
      moves = flow.begin(statuses);
      continue;
    }
    if (turn === given.cutAfter) {
      history.push('cut');
      moves = flow.interrupt('cut short');
      continue;
    }
    const next = possible();
    const chosen = next[(choices[turn % choices.length] ?? 0) % next.length];
    if (!chosen) return { statuses: Object.fromEntries(statuses), history };
    statuses.set(chosen.id, chosen.status);
    history.push(`${chosen.status === 'ready' ? 'ready' : 'end'} ${chosen.id}`);
    moves = flow.report(chosen.id, chosen.status);
  }
}
