import { useState } from 'react';
import { Sentence } from '@/app/_components/sentence';
import { StatusIcon } from '@/app/_components/status-icon';
import type { Execution, Fault } from '@/lib/model/execution';
import { actionText } from '@/lib/model/faults';
import { isTestSummary } from '@/lib/model/report-kind';
import { isFinalExecution } from '@/lib/model/status';

const maxShown = 5;

interface FaultsProps {
  execution: Execution;
  faults: readonly Fault[];
  shown: string | null;
  onSelect: (step: string) => void;
}

/** Why it failed, one line for each cause; while it runs, what runs; of a run that passed, what it has proven. */
export function FaultsBand({ execution, faults, shown, onSelect }: FaultsProps) {
  const [isWhole, setIsWhole] = useState(false);
  const isOver = isFinalExecution(execution.status);
  const listed = isWhole ? faults : faults.slice(0, maxShown);
  const rest = faults.length - listed.length;
  if (faults.length === 0) return <Quiet execution={execution} isOver={isOver} />;
  return (
    <section
      aria-label="Faults"
      className="max-h-[34vh] shrink-0 overflow-y-auto border-line border-b bg-surface py-1.5"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard
      tabIndex={0}
    >
      {execution.cause && execution.cause.stepId === null ? (
        <p className="px-4 pb-1">
          <Sentence text={execution.cause.sentence} />
        </p>
      ) : null}
      <ul>
        {listed.map((fault) => (
          <FaultLine
            key={fault.stepId}
            fault={fault}
            isShown={fault.stepId === shown}
            onSelect={() => onSelect(fault.stepId)}
          />
        ))}
      </ul>
      {rest > 0 ? (
        <button
          type="button"
          className="px-4 py-0.5 text-accent hover:underline"
          onClick={() => setIsWhole(true)}
        >
          {rest} more
        </button>
      ) : null}
    </section>
  );
}

function FaultLine({ fault, isShown, onSelect }: { fault: Fault; isShown: boolean; onSelect: () => void }) {
  const { stepId, status, sentence, line, action, consequences } = fault;
  return (
    <li>
      <button
        type="button"
        onClick={onSelect}
        aria-pressed={isShown}
        data-fault={stepId}
        className={`grid w-full grid-cols-[16px_minmax(0,1fr)] gap-x-2.5 px-4 py-1 text-left lg:grid-cols-[16px_minmax(8rem,13rem)_minmax(0,1fr)_minmax(0,0.8fr)] ${isShown ? 'bg-sunken' : 'hover:bg-sunken'}`}
      >
        <span className="mt-0.5">
          <StatusIcon state={status} size={16} />
        </span>
        <span className="break-words font-[550]">{stepId}</span>
        <span className="col-start-2 min-w-0 break-words lg:col-start-3">
          <Sentence text={sentence} />
          {line !== null && !sentence.includes(line) ? <span className="text-ink-2"> — “{line}”</span> : null}
        </span>
        <span className="col-start-2 min-w-0 break-words text-ink-2 lg:col-start-4">
          {action ? (
            <>
              → <Sentence text={actionText(action)} />
            </>
          ) : null}
          {consequences.length > 0 ? (
            <span className="block">{consequenceWords(consequences.length)}</span>
          ) : null}
        </span>
      </button>
    </li>
  );
}

function consequenceWords(count: number): string {
  return count === 1 ? 'took 1 other step along' : `took ${count} other steps along`;
}

/** Nothing is wrong: what runs, or what was proven. */
function Quiet({ execution, isOver }: { execution: Execution; isOver: boolean }) {
  const text = isOver ? provenWords(execution) : nowWords(execution);
  if (!text) return null;
  return (
    <p className="shrink-0 border-line border-b bg-surface px-4 py-1.5 text-ink-2" data-testid="now">
      <Sentence text={text} />
    </p>
  );
}

function provenWords({ status, cause, steps }: Execution): string {
  if (status !== 'passed') return cause?.sentence ?? '';
  const passed = steps.filter((step) => step.status === 'passed').length;
  const tests = steps.flatMap((step) => step.reports).filter(isTestSummary);
  const cases = tests.reduce((sum, report) => sum + report.passed, 0);
  return `${passed} of ${steps.length} steps passed${cases > 0 ? `, with ${cases} test cases` : ''}.`;
}

function nowWords({ steps }: Execution): string {
  const running = steps.filter(({ status }) => status === 'running' || status === 'starting');
  if (running.length === 0) return '';
  const names = running.slice(0, 4).map(({ id }) => `\`${id}\``);
  const more = running.length > 4 ? ` and ${running.length - 4} more` : '';
  return `Now: ${names.join(', ')}${more}.`;
}
