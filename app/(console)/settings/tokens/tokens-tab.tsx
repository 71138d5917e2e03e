'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { CopyCommand } from '@/app/_components/copy-command';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import { When } from '@/app/_components/time';
import type { TokenSummary } from '@/lib/model/token';
import { MakeToken } from './make-token';
import { RevokeDialog } from './revoke-dialog';
import { RotateDialog, type RotatedToken } from './rotate-dialog';
import { TokenTable } from './token-table';

/** Creates, lists, rotates and revokes API tokens. */
export function TokensTab() {
  const [revoked, setRevoked] = useState<TokenSummary | null>(null);
  const [rotating, setRotating] = useState<TokenSummary | null>(null);
  const [rotated, setRotated] = useState<RotatedToken | null>(null);
  const query = useQuery({
    queryKey: ['tokens'],
    queryFn: () => apiFetch<{ items: TokenSummary[] }>('/api/v1/tokens'),
    refetchInterval: 15_000,
  });
  const tokens = query.data?.items;

  return (
    <>
      <MakeToken onMade={() => void query.refetch()} />
      {rotated ? (
        <div className="panel flex flex-col gap-2 p-4" role="status">
          <p>
            The new token <strong>{rotated.name}</strong> is shown this once. Copy it now: only its hash is
            kept. The former one ends <When at={rotated.formerExpiresAt} />.
          </p>
          <CopyCommand command={rotated.token} />
        </div>
      ) : null}
      {query.isError ? (
        <ErrorNotice title="The tokens could not be read.">{query.error.message} Retrying…</ErrorNotice>
      ) : null}
      {query.isPending ? (
        <div className="panel">
          <Skeleton rows={4} />
        </div>
      ) : null}
      {tokens && tokens.length === 0 ? (
        <div className="panel">
          <Empty title="There is no token">
            <p>
              Browsers that are signed in stay so. The next start makes an admin token when there is none.
            </p>
          </Empty>
        </div>
      ) : null}
      {tokens && tokens.length > 0 ? (
        <TokenTable tokens={tokens} onRotate={setRotating} onRevoke={setRevoked} />
      ) : null}
      <RotateDialog
        token={rotating}
        onClose={() => setRotating(null)}
        onDone={(made) => {
          setRotating(null);
          setRotated(made);
          void query.refetch();
        }}
      />
      <RevokeDialog
        token={revoked}
        onClose={() => setRevoked(null)}
        onDone={() => {
          setRevoked(null);
          void query.refetch();
        }}
      />
    </>
  );
}
