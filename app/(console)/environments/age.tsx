'use client';

import { formatDuration, useNow } from '@/app/_components/time';

/** How old it is, as a part of the time it may have. */
export function Age({ createdAt, deadline }: { createdAt: string | null; deadline: string | null }) {
  const now = useNow(createdAt !== null, 1_000);
  if (createdAt === null || now === null) return <span className="text-ink-2">–</span>;
  const start = Date.parse(createdAt);
  const end = deadline === null ? Number.NaN : Date.parse(deadline);
  const part = Number.isNaN(end) ? null : Math.min(1, Math.max(0, (now - start) / (end - start)));
  const isLate = part === 1;
  return (
    <span title={Number.isNaN(end) ? undefined : `until ${new Date(end).toLocaleString()}`}>
      <span className={isLate ? 'text-failed' : undefined}>{formatAge(now - start)}</span>
      {isLate ? <span className="text-failed text-xs"> past its deadline</span> : null}
      {part === null ? null : (
        <span className="mt-0.5 block h-0.5 w-16 bg-line" aria-hidden="true">
          <span
            className={`block h-full ${isLate ? 'bg-failed' : 'bg-neutral'}`}
            style={{ width: `${Math.max(2, part * 100)}%` }}
          />
        </span>
      )}
    </span>
  );
}

/** A time to come, in the viewer's zone. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} suppressHydrationWarning>
      {new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}
    </time>
  );
}

function formatAge(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  if (days > 1) return `${days} days`;
  return ms < 60_000 ? `${Math.max(0, Math.floor(ms / 1000))} s` : formatDuration(ms);
}
