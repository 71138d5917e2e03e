import type { ReactNode } from 'react';

export const fieldClass =
  'h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 disabled:opacity-60';

/** A name over what is typed or chosen. */
export function Field({
  label,
  className = '',
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is what it is given
    <label className={`flex min-w-0 flex-col gap-1 ${className}`}>
      <span className="label">{label}</span>
      {children}
    </label>
  );
}
