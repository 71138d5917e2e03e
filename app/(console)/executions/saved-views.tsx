'use client';

import { X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { Link } from '@/app/_components/hover-link';

interface SavedView {
  name: string;
  /** The query of the address, with its question mark. */
  search: string;
}

const key = 'gantry.executions.views';
const maxViews = 20;
const listeners = new Set<() => void>();

/** The views that this browser has saved, by name. One that is saved under a name that exists takes its place. */
export function useSavedViews() {
  const text = useSyncExternalStore(
    subscribe,
    () => localStorage.getItem(key) ?? '[]',
    () => '[]',
  );
  const views = parse(text);
  const set = (next: SavedView[]) => {
    localStorage.setItem(key, JSON.stringify(next.slice(-maxViews)));
    for (const listener of listeners) listener();
  };
  return {
    views,
    save: (name: string, search: string) =>
      set([...views.filter((each) => each.name !== name), { name, search }]),
    remove: (name: string) => set(views.filter((each) => each.name !== name)),
  };
}

export function SavedViews() {
  const { views, remove } = useSavedViews();
  if (views.length === 0) return null;
  return (
    <ul aria-label="Saved views" className="flex flex-wrap gap-2">
      {views.map(({ name, search }) => (
        <li key={name} className="flex h-7 items-center rounded-md border border-line bg-surface">
          <Link href={`/executions${search}`} className="max-w-60 truncate px-2 hover:text-accent">
            {name}
          </Link>
          <button
            type="button"
            title={`Forget ${name}`}
            className="flex h-full items-center pr-2 text-ink-2 hover:text-ink"
            onClick={() => remove(name)}
          >
            <X size={12} aria-label={`Forget ${name}`} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

/** What another version, or a person, has left there may be anything. */
function parse(text: string): SavedView[] {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isView) : [];
  } catch {
    return [];
  }
}

function isView(found: unknown): found is SavedView {
  if (typeof found !== 'object' || found === null) return false;
  return (
    'name' in found &&
    typeof found.name === 'string' &&
    'search' in found &&
    typeof found.search === 'string' &&
    (found.search === '' || found.search.startsWith('?'))
  );
}
