'use client';

import type { ReactNode } from 'react';
import { lazyDialog } from './lazy-part';

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
export const ConfirmDialog = lazyDialog<ConfirmDialogProps>(() =>
  import('./confirm-question').then((part) => part.ConfirmQuestion),
);
