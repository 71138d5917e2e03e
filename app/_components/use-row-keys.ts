'use client';

import { type RefObject, useRef } from 'react';
import { useKeys } from './use-keys';

/**
 * `j` and `k` move between the rows of a list: to what opens each of them, which has `data-opens`. Enter then does
 * what a click does. Put the ref on what holds the rows.
 */
export function useRowKeys<T extends HTMLElement>(): RefObject<T | null> {
  const list = useRef<T>(null);
  const move = (by: 1 | -1) => {
    const openers = [...(list.current?.querySelectorAll<HTMLElement>('[data-opens]') ?? [])];
    const at = openers.findIndex((each) => each.contains(document.activeElement));
    openers[at < 0 ? (by > 0 ? 0 : openers.length - 1) : at + by]?.focus();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  return list;
}
