'use client';

import { Dialog } from 'radix-ui';
import { navItems } from './nav-items';

const rows: [string, string][] = [
  ['/', 'search'],
  ...navItems.map(({ letter, label }): [string, string] => [`g ${letter}`, `go to ${label}`]),
  ['Ctrl K', 'go to a page, a suite, an execution'],
  ['j  k', 'next, previous one of a list'],
  ['Enter', 'open it'],
  ['l', 'logs'],
  ['e', 'first error'],
  ['c', 'cancel the execution'],
  ['r', 'run it again'],
  ['f', 'run again what failed'],
  ['?', 'this'],
];

/** The list of all keys. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog.Root open onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-24 left-1/2 z-50 w-90 max-w-[92vw] -translate-x-1/2 rounded-md border border-line bg-raised p-4 shadow-float"
        >
          <Dialog.Title className="mb-3 text-base">Keyboard</Dialog.Title>
          <dl className="grid grid-cols-[5rem_1fr] gap-y-1.5">
            {rows.map(([key, what]) => (
              <div key={key} className="contents">
                <dt>
                  <kbd className="rounded-sm border border-line bg-sunken px-1.5">{key}</kbd>
                </dt>
                <dd className="text-ink-2">{what}</dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
