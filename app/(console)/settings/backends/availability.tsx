import { StatusIcon } from '@/app/_components/status-icon';
import type { BackendOption } from '@/lib/model/launch';

/** Whether it can be reached now, and why not; undefined: nobody asks it, because it is off or not saved yet. */
export function Availability({ option }: { option: BackendOption | undefined }) {
  const state = !option ? 'pending' : option.available ? 'ready' : 'errored';
  const words = !option
    ? 'not in force'
    : option.available
      ? 'available'
      : `not available: ${option.reason ?? 'it does not say why'}`;
  return (
    <p className="flex items-start gap-2 text-ink-2" data-available={option?.available ?? 'unknown'}>
      <span className="pt-0.5">
        <StatusIcon state={state} size={14} isDecorative />
      </span>
      <span className="min-w-0 break-words">{words}</span>
    </p>
  );
}
