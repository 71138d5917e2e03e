import type { Execution, Step } from '@/lib/model/execution';
import { type StepWarning, warningsOf, warningsOfStep } from '@/lib/model/warnings';
import type { Select } from './use-selection';

const maxShown = 5;

/** What the attempts of all steps left to know, each a way to its step. */
export function ExecutionWarnings({ execution, go }: { execution: Execution; go: Select }) {
  const warnings = warningsOf(execution);
  const more = warnings.length - maxShown;
  return (
    <>
      {warnings.slice(0, maxShown).map(({ stepId, attempt, sentence }) => (
        <p key={keyOf({ stepId, attempt, sentence })} className="break-words text-ink-2 text-xs">
          Note:{' '}
          <button
            type="button"
            className="text-accent hover:underline"
            onClick={() => go({ step: stepId, line: null, attempt: null })}
          >
            {stepId}
          </button>
          : {sentence}
        </p>
      ))}
      {more > 0 ? <p className="text-ink-2 text-xs">And {more} more notes at their steps.</p> : null}
    </>
  );
}

/** What the attempts of one step left to know. */
export function StepWarnings({ step }: { step: Step }) {
  return warningsOfStep(step).map((warning) => (
    <p key={keyOf(warning)} className="min-w-0 break-words text-ink-2" data-testid="step-warning">
      Note: {warning.sentence}
    </p>
  ));
}

function keyOf({ stepId, attempt, sentence }: StepWarning): string {
  return `${stepId} ${attempt} ${sentence}`;
}
