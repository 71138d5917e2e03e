'use client';

import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';

const least = 25;
const most = 75;

/** Two panes with a divider that moves by pointer and by arrow keys; one above the other where it is narrow. */
export function SplitPanes({ left, right }: { left: ReactNode; right: ReactNode }) {
  const [share, setShare] = useState(48);
  const frame = useRef<HTMLDivElement>(null);
  const move = (event: PointerEvent<HTMLElement>) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    setShare(clamp(((event.clientX - box.left) / box.width) * 100));
  };
  const press = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowLeft' ? -2 : event.key === 'ArrowRight' ? 2 : 0;
    if (by !== 0) setShare(clamp(share + by));
  };
  return (
    <div
      ref={frame}
      className="flex min-h-180 flex-1 shrink-0 flex-col lg:min-h-0 lg:shrink lg:flex-row"
      style={{ '--share': `${share}%` } as React.CSSProperties}
    >
      <div className="flex h-[45%] min-h-0 min-w-0 flex-col lg:h-auto lg:w-(--share)">{left}</div>
      {/* biome-ignore lint/a11y/useSemanticElements: a separator that moves is a widget, hr is not */}
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the left pane"
        aria-valuenow={Math.round(share)}
        aria-valuemin={least}
        aria-valuemax={most}
        tabIndex={0}
        className="h-px shrink-0 bg-line lg:h-auto lg:w-1 lg:cursor-col-resize lg:hover:bg-accent"
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={move}
        onKeyDown={press}
      />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">{right}</div>
    </div>
  );
}

function clamp(share: number): number {
  return Math.max(least, Math.min(most, share));
}
