import { Hourglass, TriangleAlert, Unplug } from 'lucide-react';
import { StatusIcon } from '@/app/_components/status-icon';
import type { AgentSummary } from '@/lib/model/agent';

export type ShownState = AgentSummary['state'] | 'unable';

/** `unable`: it is there and cannot run steps. */
export function stateOf({ state, problem }: AgentSummary): ShownState {
  return state === 'online' && problem !== null ? 'unable' : state;
}

const shapes = {
  draining: { icon: Hourglass, color: 'text-timed-out' },
  offline: { icon: Unplug, color: 'text-failed' },
  unable: { icon: TriangleAlert, color: 'text-errored' },
};

/** Each state its own shape; the word stands beside it. */
export function AgentStatusIcon({ state }: { state: ShownState }) {
  if (state === 'online') return <StatusIcon state="ready" size={16} isDecorative />;
  const { icon: Icon, color } = shapes[state];
  return <Icon size={16} strokeWidth={1.75} aria-hidden="true" className={`shrink-0 ${color}`} />;
}
