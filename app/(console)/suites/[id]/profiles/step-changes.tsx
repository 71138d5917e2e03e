import type { ProfileStepChange } from '@/lib/model/suite';

/** What a profile changes of a step beside its variables and headers. */
export function StepChanges({ change }: { change: Pick<ProfileStepChange, 'skip' | 'image' | 'run'> }) {
  const { skip, image, run } = change;
  if (skip) return <p className="text-ink-2">It is left out.</p>;
  if (image === undefined && run === undefined) return null;
  return (
    <p className="break-words text-ink-2">
      {image === undefined ? null : (
        <>
          Its image is <code>{image}</code>.{' '}
        </>
      )}
      {run === undefined ? null : (
        <>
          It runs <code>{run.join(' ')}</code>.
        </>
      )}
    </p>
  );
}
