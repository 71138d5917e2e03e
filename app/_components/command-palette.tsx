'use client';

import { useEffect, useState } from 'react';
import { DialogButton } from './dialog-button';
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
      <DialogButton isOpen={isOpen} onOpen={() => setIsOpen(true)}>
        Go to <kbd>Ctrl K</kbd>
      </DialogButton>
      {isOpen ? <PaletteDialog onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}
