'use client';

import { useEffect, useState } from 'react';
import { lazyDialog } from './lazy-part';

const PaletteDialog = lazyDialog<{ onClose: () => void }>(() =>
  import('./palette-dialog').then((part) => part.PaletteDialog),
);

/** Goes anywhere by name. Ctrl K opens it. */
export function CommandPalette() {
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      setIsOpen(true);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        className="hidden rounded-sm border border-line px-1.5 text-ink-2 text-xs hover:text-ink md:block"
        onClick={() => setIsOpen(true)}
      >
        Go to <kbd>Ctrl K</kbd>
      </button>
      {isOpen ? <PaletteDialog onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}
