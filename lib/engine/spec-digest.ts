import { createHash } from 'node:crypto';
import { containerKeyNames } from '../model/container-options';
import type { PlannedNode } from '../model/node';
import { withoutExecution } from '../model/secret';

/**
 * What a step is called, where it stands and how it is found do not change what it does. The pinned image is the one
 * that `image` meant before.
 */
const beside = new Set(['name', 'index', 'tags', 'templates', 'outputs', 'pinnedImage']);

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

const names = new Map<string, string>([
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
  ...Object.entries(containerKeyNames),
]);

function inputsOf({ container, ...node }: PlannedNode): object {
  const secrets = node.secrets.map(withoutExecution);
  return Object.fromEntries(
    Object.entries({ ...node, secrets, ...container }).filter(([key]) => !beside.has(key)),
  );
}

/** With the keys of every mapping in order; the order of lists means something. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, child]) => [key, sorted(child)]));
}
