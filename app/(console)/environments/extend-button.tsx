'use client';

import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { useAction } from '@/app/_components/use-action';

const hourMs = 60 * 60 * 1000;

/** Keeps a kept environment for another hour from now. */
export function ExtendButton({ id, disabled }: { id: string; disabled: boolean }) {
  const extend = useAction({
    mutationFn: () => apiFetch(`/api/v1/sandboxes/${id}/extend`, { method: 'POST', body: { forMs: hourMs } }),
  });
  return (
    <Button
      className="h-7"
      disabled={disabled || extend.isPending}
      title={extend.error?.message ?? 'Keep it for an hour from now'}
      onClick={() => extend.mutate()}
    >
      {extend.isPending ? 'Extending…' : extend.error ? 'Not extended' : '1 h more'}
    </Button>
  );
}
