'use client';

import { useRouter } from 'next/navigation';
import { startTransition, useCallback, useEffect } from 'react';
import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';

const tryAgainMs = 5_000;

/** A page could not be made: mostly because the database is away for a moment. */
export default function PageFailed({ reset }: { reset: () => void }) {
  const router = useRouter();
  // What the server made is asked for anew; without that only the same failure would be drawn again.
  const tryAgain = useCallback(
    () =>
      startTransition(() => {
        router.refresh();
        reset();
      }),
    [router, reset],
  );
  useEffect(() => {
    const timer = setInterval(tryAgain, tryAgainMs);
    return () => clearInterval(timer);
  }, [tryAgain]);
  return (
    <div className="p-4">
      <ErrorNotice title="This page could not be made.">
        <p>Gantry cannot read what it shows just now; its log says why. Retrying every 5 s…</p>
        <Button className="mt-2" onClick={tryAgain}>
          Try now
        </Button>
      </ErrorNotice>
    </div>
  );
}
