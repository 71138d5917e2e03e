import type { NewEvent } from '../model/event';
import type { StepResult } from '../model/execution';
import type { Masker } from '../model/masker';
import { maskSummary } from './mask-report';

/** The event with every text masked that a step or a backend may have had a say in. */
export function maskEvent(event: NewEvent, { text, cutText }: Masker): NewEvent {
  const sentence = (value: string | null) => (value === null ? null : cutText(value));
  const result = (given: StepResult): StepResult => ({
    ...given,
    reason: sentence(given.reason),
    ...(given.line ? { line: cutText(given.line) } : {}),
  });
  switch (event.type) {
    case 'execution.warning':
      return { ...event, message: cutText(event.message) };
    case 'environment.closed': {
      const left = event.receipt.left.map((each) => ({ ...each, reason: cutText(each.reason) }));
      return { ...event, receipt: { ...event.receipt, left } };
    }
    case 'execution.finished': {
      const cause = event.cause && { ...event.cause, sentence: cutText(event.cause.sentence) };
      return { ...event, cause };
    }
    case 'step.ahead':
      return { ...event, reason: sentence(event.reason) };
    case 'attempt.phase':
      return { ...event, phase: { ...event.phase, detail: sentence(event.phase.detail) } };
    case 'attempt.finished':
      return {
        ...event,
        result: result(event.result),
        warnings: event.warnings.map(cutText),
        ...(event.outputs ? { outputs: maskValues(event.outputs, text) } : {}),
      };
    case 'step.finished':
      return { ...event, result: result(event.result) };
    case 'step.artifact':
      return { ...event, artifact: { ...event.artifact, path: text(event.artifact.path) } };
    case 'step.report':
      return { ...event, report: maskSummary(event.report, { text, cutText }) };
    default:
      return event;
  }
}

/** An output with a secret in it is refused when it is read: this is for a secret that is known only since. */
function maskValues(outputs: Record<string, string>, text: Masker['text']): Record<string, string> {
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, text(value)]));
}
