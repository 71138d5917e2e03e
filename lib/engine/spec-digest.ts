import { createHash } from 'node:crypto';
import type { PlannedNode } from '../model/node';

/** What a step is called, where it stands and how it is found do not change what it does. */
const beside = new Set(['name', 'index', 'tags']);

/**
 * Equal for nodes that do the same from the same inputs: command, image, env, files (by their package's digest)
 * and all rules on the result. Of secrets only where they come from.
 */
export function specDigest(node: PlannedNode): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(inputsOf(node))))
    .digest('hex');
}

/** The keys of `suite.yaml` under which two nodes differ, for a person. */
export function changedInputs(before: PlannedNode, after: PlannedNode): string[] {
  const old = new Map(Object.entries(inputsOf(before)));
  return Object.entries(inputsOf(after))
    .filter(([key, value]) => JSON.stringify(sorted(value)) !== JSON.stringify(sorted(old.get(key))))
    .map(([key]) => names.get(key) ?? key);
}

const names = new Map([
  ['command', 'run'],
  ['packageDigest', "the suite's files"],
  ['expectExit', 'expect_exit'],
  ['expectLogs', 'expect_logs'],
  ['failOnLogs', 'fail_on_logs'],
  ['exports', 'export'],
  ['onFailure', 'on_failure'],
  ['continueOnFailure', 'continue_on_failure'],
  ['timeoutMs', 'timeout'],
  ['graceMs', 'grace'],
  ['resetMocks', 'reset_mocks'],
]);

function inputsOf(node: PlannedNode): object {
  return Object.fromEntries(Object.entries(node).filter(([key]) => !beside.has(key)));
}

/** With the keys of every mapping in order; the order of lists means something. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, child]) => [key, sorted(child)]));
}
