'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ApiError } from './_components/api';
import { ConnectionProvider } from './_components/connection';

export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            staleTime: 5_000,
            // A refusal stays a refusal; only a server that does not answer is asked again.
            // Offline is what the server does not answer: a browser's own guess would hold requests back in silence.
            networkMode: 'always',
            retry: (count, error) => count < 3 && !(error instanceof ApiError && error.status < 500),
          },
          // What cannot be sent now says so, and is not sent behind the back of who has given up.
          mutations: { networkMode: 'always' },
        },
      }),
  );
  return (
    <QueryClientProvider client={client}>
      <ConnectionProvider>{children}</ConnectionProvider>
    </QueryClientProvider>
  );
}
