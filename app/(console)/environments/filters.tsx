import { SearchField } from '@/app/_components/search-field';
import { Segments } from '@/app/_components/segments';
import type { EnvironmentState } from '@/lib/model/environment';
import { type ChangeView, sortKeys, stateFilters, type View } from './use-view';

const filterLabels = { all: 'All', zombie: 'Zombies', active: 'Running', kept: 'Kept' };
const sortLabels = { state: 'zombies first', age: 'oldest first', cpu: 'most CPU', memory: 'most memory' };

/** Text and state filters and the sort order. */
export function Filters({
  view,
  change,
  counts,
}: {
  view: View;
  change: ChangeView;
  counts: Partial<Record<EnvironmentState, number>>;
}) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      <SearchField
        label="Search environments"
        placeholder="Suite, person, container, image…"
        value={view.q}
        onChange={(q) => change({ q })}
      />
      <Segments
        label="State"
        name="state"
        options={stateFilters.map((name) => ({
          name,
          words: filterLabels[name],
          count: name === 'all' ? undefined : counts[name],
        }))}
        current={view.state}
        onChoose={(state) => change({ state })}
      />
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
              {sortLabels[each]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
