'use client';

import { useState } from 'react';

/** An id that a click copies. */
export function CopyId({ id }: { id: string }) {
  const [isCopied, setIsCopied] = useState(false);
  return (
    <button
      type="button"
      className="break-all rounded-sm text-left font-mono text-code text-ink-2 hover:text-ink"
      title="Copy"
      onClick={async () => {
        await navigator.clipboard.writeText(id);
        setIsCopied(true);
        setTimeout(() => setIsCopied(false), 1_500);
      }}
    >
      {isCopied ? 'copied' : id}
      <span className="sr-only">, copy</span>
    </button>
  );
}
