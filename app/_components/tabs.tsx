'use client';

import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';

interface TabsProps<Name extends string> {
  label: string;
  names: readonly Name[];
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
  const row = useRef<HTMLDivElement>(null);
  // On a phone it may be beyond the edge.
  useEffect(() => {
    row.current?.querySelector(`#tab-${current}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        ref={row}
        role="tablist"
        aria-label={label}
        onKeyDown={step}
        className="flex h-9 shrink-0 gap-1 overflow-x-auto border-line border-b bg-surface px-2"
      >
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === current}
            tabIndex={name === current ? 0 : -1}
            aria-controls={`panel-${label}`}
            onClick={() => onChoose(name)}
            className={`-mb-px flex items-center gap-1.5 whitespace-nowrap border-b-2 px-2.5 first-letter:uppercase ${name === current ? 'border-accent font-[550] text-ink' : 'border-transparent text-ink-2 hover:text-ink'}`}
          >
            <span className="first-letter:uppercase">{name}</span>
            {hint?.[name] ? <span className="text-ink-2 text-xs">{hint[name]}</span> : null}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`panel-${label}`}
        aria-labelledby={`tab-${current}`}
        className="flex min-h-0 flex-1 flex-col"
      >
        {children}
      </div>
    </div>
  );
}
