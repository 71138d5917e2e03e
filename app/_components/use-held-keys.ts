import { useEffect, useRef, useState } from 'react';
import { type Held, holdKey, isForDialog, nothingHeld } from './held-keys';

/**
 * Keeps text, Enter and Escape from the page while the dialog that they are meant for is on its way, and returns what was
 * typed. Without this, the letters that follow Ctrl K would be shortcuts of the page.
 */
export function useHeldKeys(isHeld: boolean, onEscape: () => void): Held {
  const [held, setHeld] = useState(nothingHeld);
  const handleEscape = useRef(onEscape);
  handleEscape.current = onEscape;
  useEffect(() => {
    if (!isHeld) return;
    const hold = (event: KeyboardEvent) => {
      if (!isForDialog(event)) return;
      const { key } = event;
      if (key === 'Escape') handleEscape.current();
      else setHeld((before) => holdKey(before, key));
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    window.addEventListener('keydown', hold, true);
    return () => window.removeEventListener('keydown', hold, true);
  }, [isHeld]);
  return held;
}
