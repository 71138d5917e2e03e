'use client';

import { AlertDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { AlertFrame } from './alert-frame';
import { Button } from './button';
import { ErrorNotice } from './notice';

interface ConfirmDialogProps {
  title: string;
  /** What goes, and whether it can be undone. */
  means: ReactNode;
  /** What the two buttons say: to do it, and to leave it. */
  deed: string;
  leave: string;
  isDangerous?: boolean;
  /** It is being done, or cannot be. */
  isDisabled?: boolean;
  /** Why it was not done. */
  refusal?: { title: string; message: string } | null;
  onConfirm: () => void;
  onClose: () => void;
  /** What else is asked. */
  children?: ReactNode;
}

/** Says what a deed means before it is done. */
export function ConfirmDialog({
  title,
  means,
  deed,
  leave,
  isDangerous = true,
  isDisabled = false,
  refusal = null,
  onConfirm,
  onClose,
  children,
}: ConfirmDialogProps) {
  return (
    <AlertFrame title={title} description={means} onClose={onClose}>
      {children}
      {refusal ? <ErrorNotice title={refusal.title}>{refusal.message}</ErrorNotice> : null}
      <div className="flex justify-end gap-2">
        <AlertDialog.Cancel asChild>
          <Button look="quiet">{leave}</Button>
        </AlertDialog.Cancel>
        <Button look={isDangerous ? 'danger' : 'primary'} disabled={isDisabled} onClick={onConfirm}>
          {deed}
        </Button>
      </div>
    </AlertFrame>
  );
}
