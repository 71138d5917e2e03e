'use client';

import type { ReactNode } from 'react';

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
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        role="tablist"
        aria-label={label}
        className="flex h-9 shrink-0 gap-1 overflow-x-auto border-line border-b bg-surface px-2"
      >
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === current}
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
