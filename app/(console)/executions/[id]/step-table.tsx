import { Sentence } from '@/app/_components/sentence';
import { StateGlyph, stateWord } from '@/app/_components/state-glyph';
import { Elapsed } from '@/app/_components/time';
import type { Execution, Step } from '@/lib/model/execution';
import { explainSteps } from '@/lib/model/waiting';

interface StepTableProps {
  execution: Execution;
  selected: string | null;
  onSelect: (step: string) => void;
}

/** Every step as a row: state, name, attempts, time, and why. */
export function StepTable({ execution, selected, onSelect }: StepTableProps) {
  return (
    <div className="relative min-h-0 flex-1 overflow-auto bg-surface">
      <table className="w-full">
        <thead className="sticky top-0 bg-surface">
          <tr className="border-line border-b text-left">
            <th className="label px-3 py-1.5">Step</th>
            <th className="label px-2 py-1.5">State</th>
            <th className="label hidden px-2 py-1.5 sm:table-cell">Kind</th>
            <th className="label px-2 py-1.5 text-right">Time</th>
          </tr>
        </thead>
        <tbody>
          {explainSteps(execution).steps.map((step) => (
            <tr
              key={step.id}
              data-step={step.id}
              aria-selected={step.id === selected}
              className={`border-line border-b align-top ${step.id === selected ? 'bg-sunken' : 'hover:bg-sunken'}`}
            >
              <td className="px-3 py-1.5">
                <button type="button" className="text-left font-[550]" onClick={() => onSelect(step.id)}>
                  {step.name}
                </button>
                <p className="text-ink-2 text-xs">
                  <Sentence text={reasonOf(step) ?? ''} />
                </p>
              </td>
              <td className="whitespace-nowrap px-2 py-1.5">
                <span className="flex items-center gap-2">
                  <StateGlyph state={step.status} size={14} isDecorative />
                  {stateWord(step.status)}
                </span>
              </td>
              <td className="hidden px-2 py-1.5 text-ink-2 sm:table-cell">
                {step.kind}
                {step.attempts.length > 1 ? `, ${step.attempts.length} attempts` : ''}
              </td>
              <td className="whitespace-nowrap px-2 py-1.5 text-right text-ink-2">
                <Elapsed from={step.startedAt} to={step.finishedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Why it ended so, or what it does or waits for. */
function reasonOf(step: Step): string | null {
  if (step.takeOver?.from) return step.takeOver.sentence;
  if (step.result?.reason) return step.result.reason;
  const attempt = step.attempts.at(-1);
  if (attempt?.phase)
    return `${attempt.phase.name}${attempt.phase.detail ? `: ${attempt.phase.detail}` : ''}`;
  return step.waitsFor;
}
