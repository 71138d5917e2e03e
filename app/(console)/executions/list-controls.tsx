import { SearchField } from '@/app/_components/search-field';
import { executionStatuses } from '@/lib/model/status';
import type { SuiteSummaryAnswer } from '@/lib/model/suite-details';
import type { ChangeFilter, Filter } from './use-execution-filter';

interface ListControlsProps {
  filter: Filter;
  change: ChangeFilter;
  suites: readonly SuiteSummaryAnswer[];
  searchField: string;
}

const select = 'h-8 rounded-md border border-line-strong bg-surface px-2';
/** What the API takes. */
const maxSearched = 200;

/** The conditions that are always at hand. */
export function ListControls({ filter, change, suites, searchField }: ListControlsProps) {
  return (
    <>
      <SearchField
        id={searchField}
        label="Search executions"
        placeholder="Suite, person, label, cause…  /"
        maxLength={maxSearched}
        value={filter.q}
        onChange={(q) => change({ q })}
      />
      <label className="flex items-center gap-2">
        <span className="label">Suite</span>
        <select
          className={`${select} max-w-48`}
          value={filter.suite}
          onChange={(event) => change({ suite: event.target.value })}
        >
          <option value="">all</option>
          {/* A suite that was removed may still have executions. */}
          {filter.suite && !suites.some(({ id }) => id === filter.suite) ? (
            <option value={filter.suite}>{filter.suite}</option>
          ) : null}
          {suites.map((each) => (
            <option key={each.id} value={each.id}>
              {each.title}
            </option>
          ))}
        </select>
      </label>
      <label className="flex items-center gap-2">
        <span className="label">State</span>
        <select
          className={select}
          value={filter.status}
          onChange={(event) => change({ status: event.target.value })}
        >
          <option value="">any</option>
          {filter.status.includes(',') ? (
            <option value={filter.status}>{filter.status.replaceAll('_', ' ')}</option>
          ) : null}
          {executionStatuses.map((each) => (
            <option key={each} value={each}>
              {each.replace('_', ' ')}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
