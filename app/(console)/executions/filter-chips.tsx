import { X } from 'lucide-react';
import { focusBeside } from '@/app/_components/focus-beside';
import { type ChangeFilter, type Filter, mistakeIn } from './use-execution-filter';

/** What the controls beside the list do not show. */
const chipLabels = {
  profile: 'profile',
  author: 'person',
  branch: 'branch',
  label: 'label',
  after: 'from',
  before: 'to',
} as const;
const chipKeys = Object.keys(chipLabels) as (keyof typeof chipLabels)[];
const chip = 'inline-flex h-7 items-center gap-1.5 rounded-md border bg-surface px-2 hover:bg-sunken';

interface FilterChipsProps {
  filter: Filter;
  change: ChangeFilter;
  /** The id of what takes the focus when the last of them goes. */
  searchField: string;
}

/** Each condition, to be taken away with a click. One that cannot be read says so: it narrows nothing. */
export function FilterChips({ filter, change, searchField }: FilterChipsProps) {
  const shown = chipKeys.filter((key) => filter[key] !== '');
  if (shown.length === 0) return null;
  return (
    <ul aria-label="Conditions" className="flex flex-wrap gap-2">
      {shown.map((key) => {
        const mistake = mistakeIn(filter, key);
        return (
          <li key={key}>
            <button
              type="button"
              className={`${chip} ${mistake ? 'border-failed' : 'border-line'}`}
              onClick={(event) => {
                focusBeside(event.currentTarget, searchField);
                change({ [key]: '' });
              }}
            >
              <span className="text-ink-2">{chipLabels[key]}</span>
              <span className="max-w-60 truncate">{filter[key]}</span>
              {mistake ? <span className="text-failed">not applied: {mistake}</span> : null}
              <X size={12} aria-label="remove" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
