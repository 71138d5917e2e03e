import { useEffect, useState } from 'react';

/** Gives the focus back to the element that had it when this came, once it is gone, unless it is somewhere else by then. */
export function useFocusBack(): void {
  // While it is drawn first: effects run after those of what it holds, which take the focus.
  const [before] = useState(() => (typeof document === 'undefined' ? null : document.activeElement));
  useEffect(
    () => () => {
      // After Radix, which gives it to the element that opens a dialog, and ours are opened by more than one.
      setTimeout(() => {
        const isNowhere = document.activeElement === null || document.activeElement === document.body;
        if (isNowhere && before instanceof HTMLElement && before.isConnected) before.focus();
      });
    },
    [before],
  );
}
