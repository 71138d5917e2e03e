'use client';

import { useState } from 'react';

/** An id that a click copies; a long one may be shown by its beginning. */
export function CopyId({ id, shown = id }: { id: string; shown?: string }) {
  const [isCopied, setIsCopied] = useState(false);
  return (
    <button
      type="button"
      className="break-all rounded-sm text-left font-mono text-code text-ink-2 hover:text-ink"
      title={shown === id ? 'Copy' : `Copy ${id}`}
      onClick={async () => {
        await navigator.clipboard.writeText(id);
        setIsCopied(true);
        setTimeout(() => setIsCopied(false), 1_500);
      }}
    >
      {isCopied ? 'copied' : shown}
      <span className="sr-only">, copy</span>
    </button>
  );
}
