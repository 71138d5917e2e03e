import { StatusIcon } from '@/app/_components/status-icon';
import type { Execution } from '@/lib/model/execution';
import { countGroups } from './steps/step-groups';
import type { Select, Selection } from './use-selection';

/** The steps by state; each count narrows the list to it, and a second click undoes that. */
export function CountsLine({ execution, place, go }: { execution: Execution; place: Selection; go: Select }) {
  const groups = countGroups(execution.stepCounts);
  const total = execution.steps.length;
  return (
    <div className="flex flex-wrap items-center gap-x-1 gap-y-1 text-ink-2">
      <span className="mr-1">{total === 1 ? '1 step:' : `${total} steps:`}</span>
      {groups.map(({ state, words, count }) => (
        <button
          key={state}
          type="button"
          aria-pressed={place.state === state}
          data-count-of={state}
          onClick={() => go({ state: place.state === state ? null : state, view: 'steps' })}
          className={`flex items-center gap-1.5 rounded-sm border px-1.5 ${place.state === state ? 'border-accent bg-sunken text-ink' : 'border-transparent hover:border-line'}`}
        >
          <StatusIcon state={state} size={12} isDecorative />
          {count} {words}
        </button>
      ))}
    </div>
  );
}
