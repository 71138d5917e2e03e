'use client';

import type { ConfirmDialogProps } from './confirm-question';
import { lazyDialog } from './lazy-part';

/** Says what a deed means before it is done. */
export const ConfirmDialog = lazyDialog<ConfirmDialogProps>(() =>
  import('./confirm-question').then((part) => part.ConfirmQuestion),
);
