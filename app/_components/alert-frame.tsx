'use client';

import { AlertDialog } from 'radix-ui';
import type { ReactNode } from 'react';

interface AlertFrameProps {
  title: string;
  description: ReactNode;
  onClose: () => void;
  /** Holds a list, which scrolls within it. */
  isLarge?: boolean;
  testId?: string;
  /** The last of them is a row of buttons, one of which is an AlertDialog.Cancel or closes it. */
  children: ReactNode;
}

/** A question over everything else, as long as it is there. */
export function AlertFrame({
  title,
  description,
  onClose,
  isLarge = false,
  testId,
  children,
}: AlertFrameProps) {
  return (
    <AlertDialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <AlertDialog.Content
          data-testid={testId}
          className={`fixed left-1/2 z-50 flex max-h-[80vh] max-w-[92vw] -translate-x-1/2 flex-col gap-3 overflow-y-auto rounded-md border border-line bg-raised p-4 shadow-float ${isLarge ? 'top-[10vh] w-140' : 'top-[15vh] w-120'}`}
        >
          <AlertDialog.Title className="text-base">{title}</AlertDialog.Title>
          <AlertDialog.Description className="text-ink-2">{description}</AlertDialog.Description>
          {children}
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
