'use client';

import './globals.css';

/** Even the frame could not be made. */
export default function EverythingFailed({ reset }: { reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <main className="mx-auto flex max-w-100 flex-col items-start gap-3 px-4 pt-[16vh]">
          <h1 className="page-title">Gantry cannot answer just now</h1>
          <p className="text-ink-2">
            It may be starting, or its database may be away; the log of the server says why. Nothing that runs
            is lost by it.
          </p>
          <button
            type="button"
            className="h-8 rounded-md border border-line-strong bg-surface px-3 font-[550]"
            onClick={reset}
          >
            Try again
          </button>
        </main>
      </body>
    </html>
  );
}
