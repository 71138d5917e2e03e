import type { ReactNode } from 'react';

/** What fills its pane and scrolls, by keyboard too. */
export function ScrollArea({
  label,
  className = '',
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard
      tabIndex={0}
      className={`relative min-h-0 flex-1 overflow-auto bg-surface ${className}`}
    >
      {children}
    </section>
  );
}
