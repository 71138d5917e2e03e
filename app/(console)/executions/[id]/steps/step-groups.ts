import type { Step, StepCounts } from '@/lib/model/execution';
import type { StepStatus } from '@/lib/model/status';

/** In the order in which people look for them. */
const order: StepStatus[] = [
  'failed',
  'timed_out',
  'errored',
  'cancelled',
  'running',
  'starting',
  'ready',
  'queued',
  'pending',
  'skipped',
  'passed',
];

const groupOf: Record<StepStatus, string> = {
  failed: 'failed',
  timed_out: 'failed',
  errored: 'failed',
  cancelled: 'failed',
  running: 'running',
  starting: 'running',
  ready: 'running',
  queued: 'waiting',
  pending: 'waiting',
  skipped: 'skipped',
  passed: 'passed',
};

const names = ['failed', 'running', 'waiting', 'skipped', 'passed'] as const;
const labels: Record<(typeof names)[number], string> = {
  failed: 'did not pass',
  running: 'running',
  waiting: 'waiting',
  skipped: 'skipped',
  passed: 'passed',
};

/** Up to so many steps are shown in the order of the plan, and nothing is folded. */
const maxPlain = 12;

export type StepListRow =
  | { kind: 'step'; step: Step }
  | { kind: 'group'; name: string; label: string; count: number; isFolded: boolean };

/** The counts that are not zero, in the order of the list. */
export function countGroups(counts: StepCounts): { state: StepStatus; words: string; count: number }[] {
  return order.flatMap((state) => {
    const count = counts[state] ?? 0;
    return count > 0 ? [{ state, words: state.replace('_', ' '), count }] : [];
  });
}

/**
 * The rows of the list of steps: those that pass the filter, what needs a look first and what is done folded. A filter
 * unfolds everything. `toggled` holds the groups that somebody has folded or unfolded.
 */
export function stepRows(
  steps: readonly Step[],
  { state, find }: { state: string | null; find: string },
  toggled: ReadonlySet<string>,
): StepListRow[] {
  const text = find.trim().toLowerCase();
  const isFiltered = state !== null || text !== '';
  const wanted = steps.filter(
    (step) =>
      (state === null || step.status === state) &&
      (text === '' || step.id.toLowerCase().includes(text) || step.name.toLowerCase().includes(text)),
  );
  if (isFiltered || steps.length <= maxPlain) return wanted.map((step) => ({ kind: 'step', step }));
  const groups = new Map<string, Step[]>(names.map((name) => [name, []]));
  for (const step of wanted) groups.get(groupOf[step.status])?.push(step);
  return names.flatMap((name): StepListRow[] => {
    const members = groups.get(name) ?? [];
    if (members.length === 0) return [];
    const isFolded = (name === 'passed') !== toggled.has(name);
    const head: StepListRow = { kind: 'group', name, label: labels[name], count: members.length, isFolded };
    return isFolded ? [head] : [head, ...members.map((step): StepListRow => ({ kind: 'step', step }))];
  });
}
