import type { ReactNode } from 'react';

/** A button of the top bar that opens a dialog and shows its key. Phones have neither. */
export function DialogButton({
  isOpen,
  onOpen,
  children,
}: {
  isOpen: boolean;
  onOpen: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-haspopup="dialog"
      aria-expanded={isOpen}
      className="hidden rounded-sm border border-line px-1.5 text-ink-2 text-xs hover:text-ink md:block"
      onClick={onOpen}
    >
      {children}
    </button>
  );
}
