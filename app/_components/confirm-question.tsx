'use client';

import { AlertDialog } from 'radix-ui';
import { AlertFrame } from './alert-frame';
import { Button } from './button';
import type { ConfirmDialogProps } from './confirm-dialog';
import { ErrorNotice } from './notice';

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
