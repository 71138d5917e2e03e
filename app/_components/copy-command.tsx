'use client';

import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/app/_components/button';

/** A command that a click copies. */
export function CopyCommand({ command }: { command: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(command);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), 1_500);
  };
  return (
    <div className="flex items-start gap-2 rounded-md border border-line bg-sunken p-2">
      <code className="min-w-0 flex-1 break-all py-1 font-mono text-code" data-testid="command">
        {command}
      </code>
      <Button variant="quiet" className="h-7 shrink-0" onClick={() => void copy()}>
        {isCopied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
        {isCopied ? 'Copied' : 'Copy'}
      </Button>
    </div>
  );
}
