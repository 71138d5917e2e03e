import { Empty } from '@/app/_components/notice';
import type { Execution } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';

/** What the execution made on its backend, and that it is gone. */
export function Environment({ execution }: { execution: Execution }) {
  const { receipt } = execution;
  if (!receipt) {
    const up = execution.steps.filter((step) => ['starting', 'running', 'ready'].includes(step.status));
    return (
      <Empty title={isFinalExecution(execution.status) ? 'It made nothing' : 'It is in use'}>
        <p>
          {isFinalExecution(execution.status)
            ? 'The run ended before anything was made on the backend.'
            : `${up.length} ${up.length === 1 ? 'step is' : 'steps are'} up on ${execution.backend.label}. It is removed when the run ends, and the receipt comes here.`}
        </p>
      </Empty>
    );
  }
  return (
    <div className="min-h-0 flex-1 overflow-auto bg-surface p-3">
      <dl className="grid max-w-100 grid-cols-3 gap-3" data-testid="receipt">
        <Figure name="Created" value={receipt.created} />
        <Figure name="Removed" value={receipt.removed} />
        <Figure name="Left" value={receipt.left.length} />
      </dl>
      <p className="mt-3 text-ink-2">
        {receipt.left.length === 0
          ? `Nothing is left of this run on ${execution.backend.label}.`
          : 'These could not be removed. The next start of Gantry tries again.'}
      </p>
      <ul className="mt-2">
        {receipt.left.map((each) => (
          <li key={each.name}>
            {each.kind} <code>{each.name}</code>: {each.reason}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: number }) {
  return (
    <div className="panel px-3 py-2">
      <dt className="label">{name}</dt>
      <dd className="text-lg">{value}</dd>
    </div>
  );
}
