'use client';

import { useOffline } from 'next/offline';

/** Says that the server is away: what was clicked waits for it, and what people do cannot be sent. */
export function OfflineBanner() {
  const isOffline = useOffline();
  if (!isOffline) return null;
  return (
    <p role="status" className="border-line border-b bg-raised px-4 py-1.5 text-ink-2" data-offline>
      <strong className="font-[550] text-ink">Gantry does not answer.</strong> A page that you open comes once
      it is back; retrying… Until then nothing can be launched, cancelled or changed.
    </p>
  );
}
