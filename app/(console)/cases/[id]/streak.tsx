import { failingWords } from '@/app/_components/cases/case-words';
import { Link } from '@/app/_components/hover-link';
import { When } from '@/app/_components/time';
import type { CaseChange } from '@/lib/model/cases/case-figures';
import type { CaseDetails } from '@/lib/model/cases/case-views';

/** Since when it fails, in which run that began, and what was changed in that run. */
export function Streak({ details }: { details: CaseDetails }) {
  const { streak, last } = details.figures;
  if (!streak) return null;
  return (
    <section className="panel border-l-2 border-l-failed p-3">
      <h2>{failingWords(streak)}</h2>
      <p>
        <Link
          href={`/executions/${streak.first.executionId}?tab=results`}
          className="text-accent hover:underline"
        >
          The first failure
        </Link>{' '}
        was <When at={streak.first.at} />.
      </p>
      {streak.changes.length > 0 ? (
        <>
          <p className="mt-1">Changed in that run:</p>
          <ul className="ml-4 list-disc">
            {streak.changes.map((change) => (
              <li key={`${change.what} ${change.stepId}`}>{changeWords(change)}</li>
            ))}
          </ul>
        </>
      ) : (
        <p className="mt-1 text-ink-2">
          {streak.isCut
            ? 'The run before it is not remembered.'
            : 'Images, package and profile were the same as before.'}
        </p>
      )}
      {last?.message ? (
        <pre className="mt-2 overflow-x-auto whitespace-pre-wrap rounded-md bg-sunken p-2">
          {last.message}
        </pre>
      ) : null}
    </section>
  );
}

function changeWords({ what, stepId, before, after }: CaseChange) {
  const name =
    what === 'image' ? `image of ${stepId}` : what === 'package' ? 'package of the suite' : 'profile';
  return (
    <>
      {name}: <code className="break-all">{short(before)}</code> →{' '}
      <code className="break-all">{short(after)}</code>
    </>
  );
}

/** A digest by its first digits. */
function short(value: string | null): string {
  if (value === null) return 'none';
  return value.replace(/(sha256:[0-9a-f]{12})[0-9a-f]+/, '$1…');
}
