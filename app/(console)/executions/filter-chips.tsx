import { X } from 'lucide-react';
import type { ChangeFilter, Filter } from './use-execution-filter';

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
const chip = 'inline-flex h-7 items-center gap-1.5 rounded-md border border-line bg-surface px-2';

/** Each condition, to be taken away with a click. */
export function FilterChips({ filter, change }: { filter: Filter; change: ChangeFilter }) {
  const shown = chipKeys.filter((key) => filter[key] !== '');
  if (shown.length === 0) return null;
  return (
    <ul aria-label="Conditions" className="flex flex-wrap gap-2">
      {shown.map((key) => (
        <li key={key}>
          <button type="button" className={`${chip} hover:bg-sunken`} onClick={() => change({ [key]: '' })}>
            <span className="text-ink-2">{chipLabels[key]}</span>
            <span className="max-w-60 truncate">{filter[key]}</span>
            <X size={12} aria-label="remove" />
          </button>
        </li>
      ))}
    </ul>
  );
}
