'use client';

import { useRef, useState } from 'react';

/**
 * Nothing moves under the pointer: while it is over the list, what was there keeps its place and what is new comes
 * last. Spread `hold` on the list.
 */
export function useStableOrder<T>(items: readonly T[], keyOf: (item: T) => string) {
  const [isHeld, setIsHeld] = useState(false);
  const order = useRef<string[]>([]);
  const byId = new Map(items.map((item) => [keyOf(item), item]));
  const kept = isHeld ? order.current.filter((id) => byId.has(id)) : [];
  const rest = items.map(keyOf).filter((id) => !kept.includes(id));
  order.current = [...kept, ...rest];
  return {
    ordered: order.current.flatMap((id) => byId.get(id) ?? []),
    hold: { onPointerEnter: () => setIsHeld(true), onPointerLeave: () => setIsHeld(false) },
  };
}
