import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import type { LaunchRequest } from '@/lib/model/launch';
import type { Plan } from '@/lib/model/plan';

/** The steps that are to run alone, with what they wait for; all of them while none is chosen. */
export function StepsChoice({
  request,
  chosen,
  onChoose,
}: {
  /** Without a choice of steps: it says which ones there are. */
  request: LaunchRequest;
  chosen: readonly string[];
  onChoose: (steps: string[]) => void;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const whole = useQuery({
    queryKey: ['preview', request],
    queryFn: () =>
      apiFetch<Plan>('/api/v1/executions/preview', { method: 'POST', body: request, isReading: true }),
    placeholderData: keepPreviousData,
  });
  const steps = whole.data?.nodes ?? [];
  // Chosen before in another profile: they are still asked for, and can be let go.
  const others = chosen.filter((id) => !steps.some((step) => step.id === id)).map((id) => ({ id, name: id }));
  const shown = [...others, ...steps];
  if (steps.length < 2 && chosen.length === 0) return null;
  return (
    <details
      open={isOpen || chosen.length > 0}
      onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}
    >
      <summary className="label cursor-pointer">
        {chosen.length === 0 ? 'Only some steps' : `Only ${chosen.length} of ${steps.length} steps`}
      </summary>
      <p className="py-1.5 text-ink-2">They run with all that they wait for, and nothing else does.</p>
      <fieldset className="max-h-60 overflow-y-auto rounded-md border border-line-strong bg-surface px-2 py-1">
        <legend className="sr-only">Steps that run alone</legend>
        {shown.map(({ id, name }) => (
          <label key={id} className="flex items-start gap-2 py-0.5">
            <input
              type="checkbox"
              className="mt-1"
              checked={chosen.includes(id)}
              onChange={({ target }) =>
                onChoose(
                  shown
                    .map((step) => step.id)
                    .filter((each) => (each === id ? target.checked : chosen.includes(each))),
                )
              }
            />
            <span className="min-w-0 break-words">
              {id}
              {name === id ? null : <span className="text-ink-2"> {name}</span>}
              {others.some((step) => step.id === id) ? (
                <span className="text-ink-2"> is not in this profile</span>
              ) : null}
            </span>
          </label>
        ))}
      </fieldset>
      {chosen.length > 0 ? (
        <button type="button" className="pt-1.5 text-accent hover:underline" onClick={() => onChoose([])}>
          All steps again
        </button>
      ) : null}
    </details>
  );
}
