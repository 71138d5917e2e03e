import type { ReactNode } from 'react';

/** Nothing is here yet: says so and teaches the next step. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-12 text-center text-ink-2">
      <p className="font-[550] text-base text-ink">{title}</p>
      {children}
    </div>
  );
}

/** Something failed: what, whether it is tried again, what to do. */
export function ErrorNotice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div role="alert" className="panel border-l-2 border-l-failed px-3 py-2">
      <p className="font-[550]">{title}</p>
      <div className="text-ink-2">{children}</div>
    </div>
  );
}

/** Keeps the layout while something loads; shows only after 200 ms. */
export function Skeleton({ rows = 5 }: { rows?: number }) {
  return (
    <div className="appear-late flex flex-col gap-2 p-3" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows without identity
        <div key={row} className="h-5 rounded-sm bg-sunken" style={{ width: `${92 - ((row * 17) % 40)}%` }} />
      ))}
    </div>
  );
}
