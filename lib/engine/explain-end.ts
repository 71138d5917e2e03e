import { AppError } from '../model/errors';
import type { StepResult } from '../model/execution';
import { placeOfKey } from '../model/key-lines';
import type { Masker } from '../model/masker';
import type { Plan } from '../model/plan';
import { type Advice, advise, adviseOnError, type BadEnd } from './advice';
import type { EndKind } from './evaluate-attempt';
import { tellingLine } from './telling-line';

/** The kinds of end about which what the program printed says nothing more. */
const withoutLine: ReadonlySet<EndKind> = new Set([
  'passed',
  'not_needed',
  'cancelled',
  'forbidden_line',
  'failed_cases',
]);

/** The kinds of end about which the last line tells something, whatever it is. */
const withLastLine: ReadonlySet<EndKind> = new Set([
  'timed_out',
  'not_ready',
  'service_exited',
  'missing_line',
]);

/** A result with the program's telling line and with what to do, where the end was a bad one. */
export function explainResult(
  result: StepResult,
  kind: EndKind,
  end: BadEnd,
  { plan, masker }: { plan: Pick<Plan, 'keyLines'>; masker: Masker },
): StepResult {
  if (kind === 'passed' || kind === 'not_needed' || kind === 'cancelled') return result;
  // Masked before it is cut, so that no part of a secret is left.
  const lines = end.lines.map((line) => ({ ...line, text: masker.cutText(line.text) }));
  const line = withoutLine.has(kind) ? null : tellingLine(lines, withLastLine.has(kind));
  const advice = advise(kind, end);
  return { ...result, ...(line ? { line } : {}), ...placed(advice, plan, end.node.id) };
}

/** The same for an attempt whose backend failed. */
export function explainError(
  result: StepResult,
  error: unknown,
  { plan, node }: { plan: Pick<Plan, 'keyLines'>; node: BadEnd['node'] },
): StepResult {
  const advice = adviseOnError(error instanceof AppError ? error.code : null, node);
  return { ...result, ...placed(advice, plan, node.id) };
}

function placed(
  advice: Advice | null,
  { keyLines }: Pick<Plan, 'keyLines'>,
  stepId: string,
): Pick<StepResult, 'action'> {
  if (!advice) return {};
  const place = placeOfKey(keyLines, stepId, advice.key);
  return { action: { ...advice, file: place?.file ?? null, line: place?.line ?? null } };
}
