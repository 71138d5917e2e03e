import { buttonClass } from '@/app/_components/button';
import { formatKinds } from '@/app/_components/format-kinds';
import { Link } from '@/app/_components/hover-link';
import { RunBars } from '@/app/_components/run-bars';
import { StatusIcon, stateWord } from '@/app/_components/status-icon';
import { When } from '@/app/_components/time';
import { isFinalExecution } from '@/lib/model/status';
import type { SuiteRun, SuiteSummaryAnswer } from '@/lib/model/suite-details';
import { ProblemList } from './problem-list';
import { RepositoryLink } from './repository-link';
import { maxRuns } from './runs-of-suite';
import { SuiteStateMark } from './suite-state';

interface SuiteRowProps {
  suite: SuiteSummaryAnswer;
  /** False: another folder has its id, and the runs and the page that go with it. */
  hasId: boolean;
  /** The newest first. */
  runs: readonly SuiteRun[];
}

const maxProblems = 3;
const maxProfiles = 3;

/** One suite: what it is, whether it can be launched and why not, how it has done. */
export function SuiteRow({ suite, hasId, runs: runsOfId }: SuiteRowProps) {
  const { id, title, repository, kinds, profiles, problems } = suite;
  const href = `/suites/${encodeURIComponent(id)}`;
  const runs = hasId ? runsOfId : [];
  const [newest] = runs;
  const ended = runs.filter(({ status }) => isFinalExecution(status)).slice(0, maxRuns);
  const names = profiles.map((each) => (each.default && profiles.length > 1 ? `${each.name}*` : each.name));
  return (
    <tbody
      className="border-line border-b last:border-b-0 hover:bg-sunken"
      data-suite={hasId ? id : suite.folder}
    >
      <tr className="align-top">
        <td className="py-1.5 pr-2 pl-3">
          {hasId ? (
            <Link href={href} data-opens={id} className="font-[550] hover:text-accent">
              {title}
            </Link>
          ) : (
            <span className="break-all font-[550]">{suite.folder}</span>
          )}
          <p className="flex flex-wrap gap-x-2 text-ink-2 text-xs">
            {title === id && hasId ? null : <code className="text-xs">{id}</code>}
            {repository ? (
              <span className="max-sm:hidden">
                <RepositoryLink repository={repository} />
              </span>
            ) : null}
          </p>
          <div className="text-xs sm:hidden">
            <SuiteStateMark suite={suite} size={14} />
          </div>
        </td>
        <td className="hidden w-px px-2 py-1.5 sm:table-cell">
          <SuiteStateMark suite={suite} />
        </td>
        <td className="hidden px-2 py-1.5 text-ink-2 lg:table-cell">{formatKinds(kinds) || '–'}</td>
        <td
          className="hidden max-w-56 px-2 py-1.5 text-ink-2 xl:table-cell"
          title={profiles.length > 1 ? `${names.join(', ')} (* is the default)` : undefined}
        >
          {names.slice(0, maxProfiles).join(', ') || '–'}
          {names.length > maxProfiles ? ` and ${names.length - maxProfiles} more` : ''}
        </td>
        <td className="hidden px-2 py-1 md:table-cell">
          {ended.length > 0 ? <RunBars runs={ended} /> : <span className="text-ink-2">–</span>}
        </td>
        <td className="hidden whitespace-nowrap px-2 py-1.5 text-right text-ink-2 lg:table-cell">
          {ended.length > 0
            ? `${ended.filter(({ status }) => status === 'passed').length} of ${ended.length}`
            : '–'}
        </td>
        <td className="w-px whitespace-nowrap px-2 py-1.5">
          {newest ? (
            <Link
              href={`/executions/${newest.id}`}
              className="flex items-center gap-2 text-ink-2 hover:text-accent"
              title={`${stateWord(newest.status)}: open it`}
            >
              <StatusIcon state={newest.status} />
              <When at={newest.createdAt} />
            </Link>
          ) : (
            <span className="text-ink-2">never</span>
          )}
        </td>
        <td className="w-px whitespace-nowrap px-3 py-1 text-right">
          {suite.valid && suite.rights.includes('launch') ? (
            <Link href={`/launch?suite=${encodeURIComponent(id)}`} className={`${buttonClass()} h-7`}>
              Launch<span className="sr-only"> {title}</span>
            </Link>
          ) : null}
        </td>
      </tr>
      {problems.length > 0 ? (
        <tr>
          <td colSpan={8} className="px-3 pb-2">
            <ProblemList problems={hasId ? problems.slice(0, maxProblems) : problems} />
            {hasId && problems.length > maxProblems ? (
              <Link href={`${href}?tab=errors`} className="text-accent text-xs hover:underline">
                {problems.length - maxProblems} more
              </Link>
            ) : null}
          </td>
        </tr>
      ) : null}
    </tbody>
  );
}
