/** What one check of `gantry doctor` found. `todo` says what to do about it; null where nothing has to be done. */
export interface Finding {
  check: string;
  /** `warning`: Gantry works, and something about it may surprise. */
  status: 'ok' | 'warning' | 'failed';
  found: string;
  todo: string | null;
}

export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found, todo: null });
export const warning = (check: string, found: string, todo: string): Finding => ({
  check,
  status: 'warning',
  found,
  todo,
});
export const failed = (check: string, found: string, todo: string): Finding => ({
  check,
  status: 'failed',
  found,
  todo,
});
