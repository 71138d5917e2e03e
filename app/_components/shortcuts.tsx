'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { DialogButton } from './dialog-button';
import { lazyDialog } from './lazy-part';
import { navItems } from './nav-items';
import { useKeys } from './use-keys';

const ShortcutsDialog = lazyDialog<{ onClose: () => void }>(() =>
  import('./shortcuts-dialog').then((part) => part.ShortcutsDialog),
);

/** The keys that work everywhere, and the list of all of them. */
export function Shortcuts() {
  const router = useRouter();
  const [isOpen, setIsOpen] = useState(false);
  useKeys({
    '?': () => setIsOpen(true),
    ...Object.fromEntries(navItems.map(({ letter, href }) => [`g ${letter}`, () => router.push(href)])),
  });
  return (
    <>
      <DialogButton isOpen={isOpen} onOpen={() => setIsOpen(true)}>
        <kbd>?</kbd>
        <span className="sr-only">Keyboard shortcuts</span>
      </DialogButton>
      {isOpen ? <ShortcutsDialog onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}
