'use client';

import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import type { StreamState } from './streams/hub';
import { useOfflineSince } from './use-offline-since';

const Connection = createContext<StreamState | null>(null);
/** Apart from the state: who reports must not render again for what was reported. */
const Report = createContext<(state: StreamState | null) => void>(() => undefined);

/** The state of the page's stream, shown in the top bar. */
export function ConnectionProvider({ children }: { children: ReactNode }) {
  const [state, set] = useState<StreamState | null>(null);
  return (
    <Report value={set}>
      <Connection value={state}>{children}</Connection>
    </Report>
  );
}

/** A page says how its stream is doing. One without a stream says nothing, or that it has ended. */
export function useReportConnection(state: StreamState): void {
  const set = useContext(Report);
  useEffect(() => {
    set(state);
    return () => set(null);
  }, [state, set]);
}

export function ConnectionState() {
  const reported = useContext(Connection);
  const since = useOfflineSince(reported === null || reported.name === 'ended');
  const state: StreamState | null = since === null ? reported : { name: 'offline', since };
  if (!state) return null;
  const isWell = state.name === 'live' || state.name === 'ended';
  return (
    <span role="status" className="flex items-center gap-2 text-ink-2 text-xs" data-connection={state.name}>
      <span
        className={`size-2 rounded-full ${isWell ? 'bg-passed' : state.name === 'offline' || state.name === 'refused' ? 'bg-failed' : 'bg-neutral'}`}
      />
      {labelOf(state)}
    </span>
  );
}

function labelOf(state: StreamState): string {
  if (state.name === 'ended') return 'up to date';
  if (state.name === 'refused') return `not live: ${state.detail}`;
  if (state.name !== 'offline') return state.name;
  return `offline since ${new Date(state.since).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })}, trying again`;
}
