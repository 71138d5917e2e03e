import { describeBuild } from '@/lib/model/describe-build';
import type { PlannedNode } from '@/lib/model/node';
import { formatCommand } from './format-step';

interface StepListProps {
  steps: readonly PlannedNode[];
  selected: string | null;
  onSelect: (id: string) => void;
}

/** In the order in which they would start. */
export function StepList({ steps, selected, onSelect }: StepListProps) {
  return (
    <div className="relative min-h-0 min-w-0 flex-1 overflow-auto bg-surface">
      <table className="w-full">
        <thead className="sticky top-0 z-10 bg-surface">
          <tr className="border-line border-b text-left">
            <th className="label py-1.5 pr-2 pl-4">Step</th>
            <th className="label px-2 py-1.5">Kind</th>
            <th className="label hidden px-2 py-1.5 md:table-cell">Runs</th>
            <th className="label hidden px-2 py-1.5 xl:table-cell">Image</th>
            <th className="label px-2 py-1.5">After</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr
              key={step.id}
              data-step={step.id}
              aria-selected={step.id === selected}
              className={`border-line border-b align-top ${step.id === selected ? 'bg-sunken' : 'hover:bg-sunken'}`}
            >
              <td className="py-1.5 pr-2 pl-4">
                <button type="button" className="text-left font-[550]" onClick={() => onSelect(step.id)}>
                  {step.name}
                </button>
                {step.name === step.id ? null : <p className="text-ink-2 text-xs">{step.id}</p>}
              </td>
              <td className="px-2 py-1.5 text-ink-2">{step.kind}</td>
              <td className="hidden max-w-90 truncate px-2 py-1.5 md:table-cell">
                <code>{formatCommand(step.command) ?? 'what its image runs'}</code>
              </td>
              <td className="hidden px-2 py-1.5 text-ink-2 xl:table-cell">
                {step.build ? describeBuild(step.build) : <code>{step.image ?? '–'}</code>}
              </td>
              <td className="px-2 py-1.5 text-ink-2">
                {[...step.after, ...step.onFailure.map((id) => `failure of ${id}`)].join(', ') || '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
