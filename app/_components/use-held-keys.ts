import { useEffect, useRef, useState } from 'react';

/**
 * Keeps single keys from the page while what they are meant for is on its way, and returns the text that was typed.
 * Without this, the letters that follow Ctrl K would be shortcuts of the page.
 */
export function useHeldKeys(isHeld: boolean, onEscape: () => void): string {
  const [typed, setTyped] = useState('');
  const handleEscape = useRef(onEscape);
  handleEscape.current = onEscape;
  useEffect(() => {
    if (!isHeld) return;
    const hold = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { key } = event;
      if (key.length === 1) setTyped((before) => before + key);
      else if (key === 'Backspace') setTyped((before) => before.slice(0, -1));
      else if (key === 'Escape') handleEscape.current();
      else if (key !== 'Enter') return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    window.addEventListener('keydown', hold, true);
    return () => window.removeEventListener('keydown', hold, true);
  }, [isHeld]);
  return typed;
}
