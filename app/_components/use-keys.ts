'use client';

import { useEffect, useRef } from 'react';

/** Single keys, as long as nobody types and no modifier is held. `g o` is two keys within a second. */
export function useKeys(keys: Record<string, () => void>): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    let before: { key: string; at: number } | null = null;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const pair = before && Date.now() - before.at < 1_000 ? `${before.key} ${event.key}` : null;
      before = { key: event.key, at: Date.now() };
      const action =
        (pair ? current.current[pair] : undefined) ??
        (pair?.startsWith('g ') ? undefined : current.current[event.key]);
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== 'radio' && target.type !== 'checkbox';
  return target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName);
}
