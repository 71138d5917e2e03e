import type { ReactNode } from 'react';

export const fieldClass =
  'h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 aria-invalid:border-failed disabled:opacity-60';

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

/** What is wrong with what was typed, right under it. The field names it by `aria-describedby`. */
export function FieldIssue({ id, text }: { id: string; text: string | null }) {
  if (text === null) return null;
  return (
    <p id={id} className="text-failed text-xs">
      {text}
    </p>
  );
}
