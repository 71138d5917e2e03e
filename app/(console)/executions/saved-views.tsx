'use client';

import { X } from 'lucide-react';
import { useState, useSyncExternalStore } from 'react';
import { focusBeside } from '@/app/_components/focus-beside';
import { Link } from '@/app/_components/hover-link';
import { ErrorNotice } from '@/app/_components/notice';
import { noViews, parseViews, readViews, type SavedView, writeViews } from './view-storage';

const listeners = new Set<() => void>();
const openStorage = () => localStorage;

/**
 * The views that this browser has saved, by name. One that is saved under a name that exists takes its place. What
 * changes them answers why it could not.
 */
export function useSavedViews() {
  const text = useSyncExternalStore(
    subscribe,
    () => readViews(openStorage),
    () => noViews,
  );
  const views = parseViews(text);
  const set = (next: SavedView[]) => {
    const problem = writeViews(openStorage, next);
    for (const listener of listeners) listener();
    return problem;
  };
  return {
    views,
    save: (name: string, search: string) =>
      set([...views.filter((each) => each.name !== name), { name, search }]),
    remove: (name: string) => set(views.filter((each) => each.name !== name)),
  };
}

/** `searchField` is the id of what takes the focus when the last of them goes. */
export function SavedViews({ searchField }: { searchField: string }) {
  const { views, remove } = useSavedViews();
  const [problem, setProblem] = useState<string | null>(null);
  if (views.length === 0) return null;
  return (
    <>
      {problem ? <ErrorNotice title="The view could not be forgotten.">{problem}</ErrorNotice> : null}
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
              onClick={(event) => {
                const button = event.currentTarget;
                const refusal = remove(name);
                setProblem(refusal);
                if (refusal === null) focusBeside(button, searchField);
              }}
            >
              <X size={12} aria-label={`Forget ${name}`} />
            </button>
          </li>
        ))}
      </ul>
    </>
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
