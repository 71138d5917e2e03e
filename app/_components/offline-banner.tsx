'use client';

import { useOffline } from 'next/offline';

/**
 * Says that the server does not answer: what was clicked waits for it, and what people do cannot be sent. A request that
 * is redirected to another site, as by a sign-on proxy whose session has expired, fails in the same way; only loading
 * the whole page gets out of that.
 */
export function OfflineBanner() {
  const isOffline = useOffline();
  if (!isOffline) return null;
  return (
    <p role="status" className="border-line border-b bg-raised px-4 py-1.5 text-ink-2" data-offline>
      <strong className="font-[550] text-ink">Gantry does not answer.</strong> Navigation resumes once the
      server is back. Until then nothing can be launched, cancelled or changed.{' '}
      <button type="button" className="text-accent hover:underline" onClick={() => location.reload()}>
        Reload
      </button>
    </p>
  );
}
