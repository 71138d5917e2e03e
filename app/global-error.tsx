'use client';

import './globals.css';
import { useEffect } from 'react';

const tryAgainMs = 5_000;

/** Even the frame could not be made, mostly because the database is away: the page is fetched anew once it is back. */
export default function EverythingFailed() {
  useEffect(() => {
    const timer = setInterval(async () => {
      // Nobody answers: the next time.
      const isBack = await fetch('/readyz/datastore').then(
        ({ ok }) => ok,
        () => false,
      );
      if (isBack) location.reload();
    }, tryAgainMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <html lang="en">
      <body>
        <main className="mx-auto flex max-w-100 flex-col items-start gap-3 px-4 pt-[16vh]">
          <h1 className="page-title">Gantry cannot answer just now</h1>
          <p className="text-ink-2">
            It may be starting, or its database may be away; the log of the server says why. Nothing that runs
            is lost by it. Retrying every 5 s…
          </p>
          <button
            type="button"
            className="h-8 rounded-md border border-line-strong bg-surface px-3 font-[550]"
            onClick={() => location.reload()}
          >
            Try now
          </button>
        </main>
      </body>
    </html>
  );
}
