'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '@/app/_components/api';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import type { TokenSummary } from '@/lib/model/token';
import { MakeToken } from './make-token';
import { RevokeDialog } from './revoke-dialog';
import { TokenTable } from './token-table';

/** Who may come in without a browser: makes tokens, lists and revokes them. */
export function TokensTab() {
  const [revoked, setRevoked] = useState<TokenSummary | null>(null);
  const query = useQuery({
    queryKey: ['tokens'],
    queryFn: () => ask<{ items: TokenSummary[] }>('/api/v1/tokens'),
    refetchInterval: 15_000,
  });
  const tokens = query.data?.items;

  return (
    <>
      <MakeToken onMade={() => void query.refetch()} />
      {query.isError ? (
        <ErrorNotice title="The tokens could not be read.">
          {query.error.message} It is tried again.
        </ErrorNotice>
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
      {tokens && tokens.length > 0 ? <TokenTable tokens={tokens} onRevoke={setRevoked} /> : null}
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
