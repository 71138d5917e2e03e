'use client';

import { useEffect, useState } from 'react';

/** 0.4 s, 12.3 s, 4:05, 1:02:03. */
export function formatDuration(ms: number): string {
  if (ms < 0) return '0.0 s';
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? rest.replace(/^0/, '') : `${Math.floor(seconds / 3600)}:${rest}`;
}

/** What is left of a time, in one unit: 40 s, 12 min, 5 h, 3 days. */
export function formatLeft(ms: number): string {
  if (ms < 60_000) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 2 * 86_400_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} days`;
}

/** The time now, in milliseconds, moving while `isMoving`. Null until the page runs in the browser. */
export function useNow(isMoving: boolean, everyMs = 100): number | null {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    setNow(Date.now());
    if (!isMoving) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [isMoving, everyMs]);
  return now;
}

/** From a start to an end, or to now while there is no end. */
export function Elapsed({ from, to, everyMs }: { from: string | null; to: string | null; everyMs?: number }) {
  const now = useNow(from !== null && to === null, everyMs);
  if (!from) return <span className="text-ink-3">–</span>;
  const end = to ? Date.parse(to) : now;
  return <span>{end === null ? '–' : formatDuration(end - Date.parse(from))}</span>;
}

/** "4 min ago" up to an hour, then the clock or the date; the whole time with its zone in the tooltip. */
export function When({ at }: { at: string }) {
  const now = useNow(true, 10_000);
  if (now === null) return <time dateTime={at}>–</time>;
  const date = new Date(at);
  const whole = date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
  return (
    <time dateTime={at} title={whole} suppressHydrationWarning>
      {relative(now - date.getTime(), date)}
    </time>
  );
}

function relative(ms: number, date: Date): string {
  if (ms < 10_000) return 'just now';
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s ago`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`;
  if (ms < 86_400_000) return date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  return date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}
