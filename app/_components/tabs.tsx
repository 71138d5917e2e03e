'use client';

import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';

interface TabsProps<Name extends string> {
  label: string;
  names: readonly Name[];
  /** What a tab is called where that is not its name. */
  titles?: Partial<Record<Name, string>>;
  current: Name;
  onChoose: (name: Name) => void;
  /** What a tab says beside its name, e.g. a count. */
  hint?: Partial<Record<Name, ReactNode>>;
  children: ReactNode;
}

/** A row of tabs over one panel. */
export function Tabs<Name extends string>({
  label,
  names,
  titles,
  current,
  onChoose,
  hint,
  children,
}: TabsProps<Name>) {
  const step = (event: KeyboardEvent<HTMLElement>) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = names[(names.indexOf(current) + by + names.length) % names.length];
    if (by === 0 || next === undefined) return;
    event.preventDefault();
    onChoose(next);
    event.currentTarget.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  // An id with a blank in it is two ids to what refers to it.
  const panelId = `panel-${label.replaceAll(' ', '-')}`;
  const row = useRef<HTMLDivElement>(null);
  // On a phone it may be beyond the edge. Only the row is moved: the page stays where it is.
  useEffect(() => {
    const box = row.current;
    const tab = box?.querySelector<HTMLElement>(`#tab-${current}`);
    if (!box || !tab) return;
    const end = tab.offsetLeft + tab.offsetWidth;
    if (tab.offsetLeft < box.scrollLeft) box.scrollLeft = tab.offsetLeft;
    else if (end > box.scrollLeft + box.clientWidth) box.scrollLeft = end - box.clientWidth;
  }, [current]);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        ref={row}
        role="tablist"
        aria-label={label}
        onKeyDown={step}
        className="relative flex h-9 shrink-0 gap-1 overflow-x-auto border-line border-b bg-surface px-2"
      >
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === current}
            tabIndex={name === current ? 0 : -1}
            aria-controls={panelId}
            onClick={() => onChoose(name)}
            className={`-mb-px flex items-center gap-1.5 whitespace-nowrap border-b-2 px-2.5 first-letter:uppercase ${name === current ? 'border-accent font-[550] text-ink' : 'border-transparent text-ink-2 hover:text-ink'}`}
          >
            <span className="first-letter:uppercase">{titles?.[name] ?? name}</span>
            {hint?.[name] ? <span className="text-ink-2 text-xs">{hint[name]}</span> : null}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={panelId}
        aria-labelledby={`tab-${current}`}
        className="flex min-h-0 flex-1 flex-col"
      >
        {children}
      </div>
    </div>
  );
}
