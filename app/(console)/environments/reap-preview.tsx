import { Check, Circle } from 'lucide-react';
import type { Environment } from '@/lib/model/environment';
import type { Reap } from './use-reap';

const maxNamed = 200;

/** Every resource by name, and which of them are gone already. */
export function ReapPreview({ environments, reap }: { environments: Environment[]; reap: Reap }) {
  if (environments.length === 0) return <p className="text-ink-2">It is gone already.</p>;
  const several = environments.length > 1;
  let room = maxNamed;
  return (
    <ul className="flex flex-col gap-2">
      {environments.map((environment) => {
        const result = reap.results.find(({ id }) => id === environment.id);
        const shown = environment.resources.slice(0, Math.max(0, room));
        room -= shown.length;
        const hidden = environment.resources.length - shown.length;
        return (
          <li key={environment.id}>
            {several ? (
              <p className="font-[550]">
                {environment.execution?.suiteTitle ?? environment.suiteId ?? environment.id}
                {reap.cancelling.has(environment.id) ? (
                  <span className="text-ink-2">, being cancelled</span>
                ) : null}
              </p>
            ) : reap.cancelling.has(environment.id) ? (
              <p className="text-ink-2">Its execution is being cancelled.</p>
            ) : null}
            <ul>
              {shown.map(({ kind, name }) => {
                const isGone = reap.removed.has(`${kind} ${name}`) || result?.outcome === 'removed';
                return (
                  <li key={`${kind} ${name}`} className="flex items-center gap-2">
                    {isGone ? (
                      <Check size={14} aria-label="gone" className="shrink-0 text-passed" />
                    ) : (
                      <Circle size={14} aria-hidden="true" className="shrink-0 text-ink-3" />
                    )}
                    <span className={isGone ? 'text-ink-2' : undefined}>
                      {kind} <code className="break-all">{name}</code>
                    </span>
                  </li>
                );
              })}
            </ul>
            {hidden > 0 ? <p className="text-ink-2">and {hidden} more</p> : null}
          </li>
        );
      })}
    </ul>
  );
}
