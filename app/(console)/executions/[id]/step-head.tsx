import { Sentence } from '@/app/_components/sentence';
import { StatusIcon, stateColor, stateWord } from '@/app/_components/status-icon';
import { Elapsed, formatDuration } from '@/app/_components/time';
import type { Attempt, Execution, Fault, Step } from '@/lib/model/execution';
import { actionText } from '@/lib/model/faults';
import { isUnsuccessful } from '@/lib/model/status';
import { stepWaitsFor } from '@/lib/model/waiting';
import { StepWarnings } from './step-warnings';
import type { Select, Selection } from './use-selection';

interface StepHeadProps {
  step: Step;
  execution: Execution;
  faults: readonly Fault[];
  place: Selection;
  go: Select;
}

/** Which step, how it stands, why, and what to do: above every tab. */
export function StepHead({ step, execution, faults, place, go }: StepHeadProps) {
  const attempt = step.attempts.find(({ number }) => number === place.attempt) ?? step.attempts.at(-1);
  const result = place.attempt === null ? step.result : (attempt?.result ?? step.result);
  const cause = faults.find(({ consequences }) => consequences.includes(step.id));
  return (
    <header
      className="flex shrink-0 flex-col gap-0.5 border-line border-b bg-surface px-4 py-2"
      data-testid="step-head"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StatusIcon state={step.status} size={16} isDecorative />
        <h2 className="min-w-0 break-words font-[650]">{step.name}</h2>
        <span className={stateColor[step.status]}>{stateWord(step.status)}</span>
        <span className="text-ink-2">{factsOf(step, attempt).join(' · ')}</span>
        {step.startedAt && !step.finishedAt ? (
          <span className="text-ink-2">
            <Elapsed from={step.startedAt} to={null} />
          </span>
        ) : null}
        <Attempts step={step} current={attempt?.number ?? null} go={go} />
        <button
          type="button"
          className="ml-auto text-accent hover:underline"
          onClick={() => go({ step: '*', line: null, attempt: null })}
        >
          All steps
        </button>
      </div>
      <p className="min-w-0 break-words" data-testid="step-reason">
        <Sentence text={sentenceOf(step, result?.reason ?? null, execution)} />
        {result?.line && !result.reason?.includes(result.line) ? (
          <span className="text-ink-2"> — “{result.line}”</span>
        ) : null}
      </p>
      {result?.action ? (
        <p className="min-w-0 break-words text-ink-2">
          → <Sentence text={actionText(result.action)} />
        </p>
      ) : null}
      <StepWarnings step={step} />
      {cause ? (
        <p className="text-ink-2">
          Because of{' '}
          <button
            type="button"
            className="text-accent hover:underline"
            onClick={() => go({ step: cause.stepId, line: null, attempt: null })}
          >
            {cause.stepId}
          </button>
          .
        </p>
      ) : null}
    </header>
  );
}

function Attempts({ step, current, go }: { step: Step; current: number | null; go: Select }) {
  if (step.attempts.length < 2) return null;
  return (
    <span className="flex items-center gap-1 text-ink-2">
      attempt
      {step.attempts.map(({ number, status }) => (
        <button
          key={number}
          type="button"
          aria-pressed={number === current}
          title={`Attempt ${number}: ${stateWord(status)}`}
          className={`rounded-sm border px-1.5 ${number === current ? 'border-accent text-ink' : 'border-line hover:text-ink'}`}
          onClick={() => go({ attempt: number, line: null })}
        >
          {number}
        </button>
      ))}
    </span>
  );
}

/** "exit code 3", "0.4 s run", "8.6 s start" */
function factsOf(step: Step, attempt: Attempt | undefined): string[] {
  const facts: string[] = [step.kind];
  if (!attempt) return facts;
  const { result, startedAt, runningAt, finishedAt } = attempt;
  if (result?.exitCode != null) facts.push(`exit code ${result.exitCode}`);
  if (step.attempts.length === 1 && isUnsuccessful(step.status)) facts.push('attempt 1 of 1');
  if (finishedAt) {
    const ranFrom = runningAt ?? finishedAt;
    facts.push(`${formatDuration(Date.parse(finishedAt) - Date.parse(ranFrom))} run`);
    facts.push(`${formatDuration(Date.parse(ranFrom) - Date.parse(startedAt))} start`);
  }
  return facts;
}

/** Why it ended so, or what it does or waits for: never nothing. */
function sentenceOf(step: Step, reason: string | null, execution: Execution): string {
  if (step.takeOver?.from) return step.takeOver.sentence;
  if (reason) return reason;
  const waits = stepWaitsFor(step, execution);
  if (waits) return waits;
  const phase = step.attempts.at(-1)?.phase;
  if (phase) return `${phase.name}${phase.detail ? `: ${phase.detail}` : ''}`;
  if (step.status === 'passed') return 'It ended as it should.';
  if (step.status === 'ready') return 'It is ready, and stays up while other steps need it.';
  return step.status === 'running' ? 'It runs.' : `It is ${stateWord(step.status)}.`;
}
