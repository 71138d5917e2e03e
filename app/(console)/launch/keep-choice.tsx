import type { KeepWhen } from '@/lib/model/keep-alive';
import { keepWhens } from '@/lib/model/keep-when';

const words: Record<KeepWhen, string> = {
  on_failure: 'for an hour when it fails',
  always: 'for an hour, however it ends',
};

/** Whether the environment stays up for people to look at when the run has ended. */
export function KeepChoice({
  keep,
  onChoose,
}: {
  keep: KeepWhen | null;
  onChoose: (keep: KeepWhen | null) => void;
}) {
  return (
    <label className="flex flex-col gap-1.5">
      <span className="label">Keep the environment</span>
      <select
        className="h-8 rounded-md border border-line-strong bg-surface px-2"
        value={keep ?? ''}
        onChange={(event) => onChoose(keepWhens.find((each) => each === event.target.value) ?? null)}
      >
        <option value="">no: it is removed when the run ends</option>
        {keepWhens.map((each) => (
          <option key={each} value={each}>
            {words[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
