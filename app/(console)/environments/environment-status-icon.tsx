import { Ghost, Hourglass, Pin, Trash2 } from 'lucide-react';
import { StatusIcon } from '@/app/_components/status-icon';
import type { EnvironmentState } from '@/lib/model/environment';

export const stateLabels: Record<EnvironmentState, string> = {
  zombie: 'zombie',
  reaping: 'being reaped',
  kept: 'kept',
  ending: 'settling',
  active: 'running',
};

const shapes = {
  zombie: { icon: Ghost, color: 'text-failed' },
  reaping: { icon: Trash2, color: 'text-ink-2' },
  kept: { icon: Pin, color: 'text-ready' },
  ending: { icon: Hourglass, color: 'text-neutral' },
};

/** Each state its own shape; the word stands beside it. */
export function EnvironmentStatusIcon({ state }: { state: EnvironmentState }) {
  if (state === 'active') return <StatusIcon state="running" size={16} isDecorative />;
  const { icon: Icon, color } = shapes[state];
  return <Icon size={16} strokeWidth={1.75} aria-hidden="true" className={`shrink-0 ${color}`} />;
}
