import { ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { Button } from '@/app/_components/button';
import { lazyPart } from '@/app/_components/lazy-part';
import { count, formatBytes, formatCpu } from '@/app/_components/quantities';
import { Sentence } from '@/app/_components/sentence';
import type { Environment, EnvironmentUsage } from '@/lib/model/environment';
import type { CallersRights } from '@/lib/model/suite-details';
import type { SuiteRight } from '@/lib/model/suite-right';
import { Age, Moment } from './age';
import { EnvironmentStatusIcon, stateLabels } from './environment-status-icon';
import type { UsagePoint } from './live-state';
import { Sparkline } from './sparkline';

const ExtendButton = lazyPart(() => import('./extend-button').then((part) => part.ExtendButton), null);
const ResourceTable = lazyPart(() => import('./resource-table').then((part) => part.ResourceTable));

/** The signed-in person. */
export interface Person {
  name: string;
  role: 'viewer' | 'member' | 'admin';
}

interface EnvironmentRowProps {
  environment: Environment;
  usage: EnvironmentUsage | undefined;
  history: UsagePoint[] | undefined;
  isOpen: boolean;
  onToggle: () => void;
  person: Person;
  /** Undefined for a suite that is not listed: the role alone tells. */
  rights: CallersRights | undefined;
  onReap: (environment: Environment) => void;
}

/** One environment: its state and why it is there, what it owns and uses; opened, each resource. */
export const EnvironmentRow = memo(
  function EnvironmentRow(props: EnvironmentRowProps) {
    const { environment, usage, history = [], isOpen, onToggle, person, rights, onReap } = props;
    const { id, state, reason, execution, suiteId, profile, backend, createdAt, deadline, keptUntil } =
      environment;
    const last = history.at(-1);
    const memoryBytes = usage ? Object.values(usage).reduce((sum, each) => sum + each.memoryBytes, 0) : null;
    const refusal = whyNot('reap', environment, person, rights);
    return (
      <tbody className="border-line border-b last:border-b-0" data-environment={id} data-state={state}>
        <tr className={`align-top ${isOpen ? 'bg-sunken' : 'hover:bg-sunken'}`}>
          <td className="w-px whitespace-nowrap py-1.5 pr-2 pl-3 sm:min-w-36">
            <button
              type="button"
              data-opens={id}
              aria-expanded={isOpen}
              onClick={onToggle}
              className="flex items-center gap-2 text-left"
            >
              <ChevronRight
                size={14}
                aria-hidden="true"
                className={`shrink-0 text-ink-2 transition-transform ${isOpen ? 'rotate-90' : ''}`}
              />
              <EnvironmentStatusIcon state={state} />
              <span className="hidden sm:inline">{stateLabels[state]}</span>
              <span className="sr-only">, {execution?.suiteTitle ?? suiteId ?? id}, details</span>
            </button>
          </td>
          <td className="px-2 py-1.5 lg:w-72">
            <span className="font-[550]">{execution?.suiteTitle ?? suiteId ?? 'unknown suite'}</span>{' '}
            <span className="text-ink-2">
              {[profile, backend.label, execution?.author].filter(Boolean).join(' · ')}
            </span>
            <p className="text-ink-2 text-xs">
              <Sentence text={reason} />
            </p>
          </td>
          <td className="hidden px-2 py-1.5 text-ink-2 lg:table-cell">{formatOwned(environment)}</td>
          <td className="hidden whitespace-nowrap px-2 py-1.5 md:table-cell">
            <span className="flex items-center gap-2">
              <Sparkline values={history.map(({ cpu }) => cpu)} />
              <span className="w-12 text-right text-ink-2">{formatCpu(last?.cpu ?? null)}</span>
            </span>
          </td>
          <td className="hidden whitespace-nowrap px-2 py-1.5 md:table-cell">
            <span className="flex items-center gap-2">
              <Sparkline values={history.map(({ memoryBytes }) => memoryBytes)} />
              <span className="w-14 text-right text-ink-2">
                {memoryBytes === null ? '–' : formatBytes(memoryBytes)}
              </span>
            </span>
          </td>
          <td className="hidden whitespace-nowrap px-2 py-1.5 sm:table-cell">
            <Age createdAt={createdAt} deadline={keptUntil ?? deadline} />
          </td>
          <td className="w-px whitespace-nowrap px-3 py-1 text-right">
            <span className="inline-flex flex-col gap-1 sm:flex-row sm:gap-2">
              {state === 'kept' ? (
                <ExtendButton id={id} disabled={whyNot('keep', environment, person, rights) !== null} />
              ) : null}
              <Button
                variant="danger"
                className="h-7"
                disabled={refusal !== null || state === 'reaping'}
                title={refusal ?? undefined}
                onClick={() => onReap(environment)}
              >
                {state === 'kept' ? 'Release…' : 'Reap…'}
              </Button>
            </span>
          </td>
        </tr>
        {isOpen ? (
          <tr>
            <td colSpan={7} className="bg-sunken px-3 pb-3">
              <p className="flex flex-wrap gap-x-4 gap-y-1 py-1 text-ink-2 text-xs">
                <span>
                  Execution <code>{id}</code>
                </span>
                {environment.owner ? (
                  <span>
                    Opened by <code>{environment.owner}</code>
                  </span>
                ) : null}
                {keptUntil ? (
                  <span>
                    Kept until <Moment at={keptUntil} />
                  </span>
                ) : null}
                {deadline ? (
                  <span>
                    May be removed by anyone after <Moment at={deadline} />
                  </span>
                ) : null}
              </p>
              <ResourceTable environment={environment} usage={usage} mayRun={mayDo('exec', person, rights)} />
            </td>
          </tr>
        ) : null}
      </tbody>
    );
  },
  (before, after) =>
    before.environment === after.environment &&
    before.usage === after.usage &&
    before.history === after.history &&
    before.rights === after.rights &&
    before.isOpen === after.isOpen,
);

function mayDo(right: SuiteRight, { role }: Person, rights: CallersRights | undefined): boolean {
  return rights ? rights.rights.includes(right) : role !== 'viewer';
}

/** Null when this person may. Whoever a grant lets do it may do it with everything of the suite. */
function whyNot(
  right: 'reap' | 'keep',
  { state, execution }: Environment,
  person: Person,
  rights: CallersRights | undefined,
): string | null {
  if (!mayDo(right, person, rights)) return `This needs the right \`${right}\` to the suite.`;
  if (person.role === 'admin' || rights?.rightsFrom === 'grants') return null;
  if (state === 'zombie' || execution?.author === person.name) return null;
  return `It is ${execution?.author ?? 'somebody else'}'s: only they or an admin may reap it.`;
}

function formatOwned({ resources, isSeen }: Environment): string {
  const kinds = new Map<string, number>();
  for (const { kind } of resources) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return (
    [...kinds].map(([kind, number]) => count(number, kind)).join(', ') || (isSeen ? 'nothing' : 'not known')
  );
}
