import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useState } from 'react';

export interface Row {
  index: number;
  /** From the top, in pixels. */
  start: number;
}

export interface Rows {
  items: Row[];
  height: number;
  show(index: number, where: 'center' | 'end'): void;
  /** For the element of a row whose height is not known before it is there. */
  measure: ((element: Element | null) => void) | undefined;
}

interface RowsOptions {
  frame: RefObject<HTMLDivElement | null>;
  count: number;
  rowHeight: number;
  /** Rows may be higher than `rowHeight`. */
  isWrapped: boolean;
}

const overscan = 30;

/** Which of any number of rows are in sight. Rows of one height cost nothing, however many there are. */
export function useRows({ frame, count, rowHeight, isWrapped }: RowsOptions): Rows {
  const even = useEvenRows({ frame, count, rowHeight });
  const wrapped = useVirtualizer({
    // It keeps a record of each row: only where rows differ.
    count: isWrapped ? count : 0,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan,
  });
  if (!isWrapped) return even;
  return {
    items: wrapped.getVirtualItems().map(({ index, start }) => ({ index, start })),
    height: wrapped.getTotalSize(),
    show: (index, where) => wrapped.scrollToIndex(index, { align: where }),
    measure: wrapped.measureElement,
  };
}

function useEvenRows({ frame, count, rowHeight }: Omit<RowsOptions, 'isWrapped'>): Rows {
  const [view, setView] = useState({ first: 0, last: 0 });
  const look = useCallback(() => {
    const box = frame.current;
    if (!box) return;
    const first = Math.floor(box.scrollTop / rowHeight);
    const last = Math.ceil((box.scrollTop + box.clientHeight) / rowHeight);
    setView((now) => (now.first === first && now.last === last ? now : { first, last }));
  }, [frame, rowHeight]);
  // The frame comes with the first line.
  const isThere = count > 0;
  useLayoutEffect(() => {
    const box = frame.current;
    if (!box || !isThere) return;
    look();
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', look);
    };
  }, [frame, look, isThere]);

  const from = Math.max(0, Math.min(view.first, count - 1) - overscan);
  const to = Math.min(count, view.last + overscan);
  return {
    items: Array.from({ length: Math.max(0, to - from) }, (_, at) => ({
      index: from + at,
      start: (from + at) * rowHeight,
    })),
    height: count * rowHeight,
    show(index, where) {
      const box = frame.current;
      if (!box) return;
      const above = where === 'end' ? box.clientHeight - rowHeight : (box.clientHeight - rowHeight) / 2;
      box.scrollTop = index * rowHeight - above;
      look();
    },
    measure: undefined,
  };
}
