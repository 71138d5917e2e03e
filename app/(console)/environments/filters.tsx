import type { RefObject } from 'react';
import type { EnvironmentState } from '@/lib/model/environment';
import { type ChangeView, sortKeys, stateFilters, type View } from './use-view';

const filterWords = { all: 'All', zombie: 'Zombies', active: 'Running', kept: 'Kept' };
const sortWords = { state: 'zombies first', age: 'oldest first', cpu: 'most CPU', memory: 'most memory' };

/** By words and by state; and the order. */
export function Filters({
  view,
  change,
  counts,
  search,
}: {
  view: View;
  change: ChangeView;
  counts: Partial<Record<EnvironmentState, number>>;
  search: RefObject<HTMLInputElement | null>;
}) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      <input
        ref={search}
        type="search"
        value={view.q}
        onChange={(event) => change({ q: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        placeholder="Suite, person, container, image…"
        aria-label="Search environments"
        className="h-8 w-64 max-w-full rounded-md border border-line-strong bg-surface px-2"
      />
      <fieldset className="flex rounded-md border border-line-strong bg-surface">
        <legend className="sr-only">State</legend>
        {stateFilters.map((each) => (
          <label
            key={each}
            className="flex h-7.5 cursor-pointer items-center gap-1.5 rounded-md px-2.5 text-ink-2 has-checked:bg-sunken has-checked:font-[550] has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name="state"
              className="sr-only"
              checked={view.state === each}
              onChange={() => change({ state: each })}
            />
            <span>{filterWords[each]}</span>
            {each !== 'all' && counts[each] ? <span className="text-xs">{counts[each]}</span> : null}
          </label>
        ))}
      </fieldset>
      <label className="ml-auto flex items-center gap-2">
        <span className="label">Order</span>
        <select
          className="h-8 rounded-md border border-line-strong bg-surface px-2"
          value={view.sort}
          onChange={(event) =>
            change({ sort: sortKeys.find((each) => each === event.target.value) ?? 'state' })
          }
        >
          {sortKeys.map((each) => (
            <option key={each} value={each}>
              {sortWords[each]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
