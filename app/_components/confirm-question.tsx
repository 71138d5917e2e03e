'use client';

import { AlertDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { AlertFrame } from './alert-frame';
import { Button } from './button';
import { ErrorNotice } from './notice';

export interface ConfirmDialogProps {
  title: string;
  /** The consequence, and whether it can be undone. */
  means: ReactNode;
  /** Labels of the two buttons: to confirm and to cancel. */
  action: string;
  cancelLabel: string;
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
export function ConfirmQuestion({
  title,
  means,
  action,
  cancelLabel,
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
          <Button variant="quiet">{cancelLabel}</Button>
        </AlertDialog.Cancel>
        <Button variant={isDangerous ? 'danger' : 'primary'} disabled={isDisabled} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </AlertFrame>
  );
}
