import { CopyCommand } from '@/app/_components/copy-command';
import { CopyId } from '@/app/_components/copy-id';
import { Link } from '@/app/_components/hover-link';
import { Empty } from '@/app/_components/notice';
import type { Dependency, LockedDependency } from '@/lib/model/dependency';
import { formatRef } from '@/lib/model/format-ref';
import type { SuiteDetails } from '@/lib/model/suite-details';
import { Digest } from './digest';
import { VariableList } from './variable-list';

/** The suites that are nested in it: what is asked for, and what the lock holds them to. */
export function Dependencies({ suite }: { suite: SuiteDetails }) {
  const { dependencies, lock, topology, folder } = suite;
  if (dependencies.length === 0)
    return (
      <Empty title={suite.valid ? 'No suite is nested in this one' : 'No dependency could be read'}>
        <p>
          A step of the kind <code>suite</code> runs another suite; <code>dependencies.yaml</code> says which.
        </p>
      </Empty>
    );
  const locked = new Map(lock.map((each) => [each.alias, each]));
  const ids = suiteIdsOf(topology);
  const isWhole = dependencies.every(({ alias }) => locked.has(alias));
  return (
    <div className="flex flex-col gap-3 p-4">
      {isWhole ? null : (
        <div className="flex max-w-xl flex-col gap-2">
          <p>Not all of them are locked. This pins every file of every nested suite:</p>
          <CopyCommand command={`npm run gantry -- lock ${folder}`} />
        </div>
      )}
      <div className="panel overflow-x-auto">
        <table className="w-full">
          <thead>
            <tr className="border-line border-b text-left">
              <th className="label px-3 py-1.5">Alias</th>
              <th className="label px-3 py-1.5">Suite</th>
              <th className="label hidden px-3 py-1.5 sm:table-cell">Profile</th>
              <th className="label hidden px-3 py-1.5 sm:table-cell">Lock</th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {dependencies.map((dependency) => (
              <Row
                key={dependency.alias}
                dependency={dependency}
                locked={locked.get(dependency.alias)}
                suiteId={ids.get(dependency.alias)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** By alias. What is nested deeper has aliases of its own. */
function suiteIdsOf(topology: SuiteDetails['topology']): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { id, source } of topology) {
    if (source && id.split('/').length === 2) ids.set(source.alias, source.suiteId);
  }
  return ids;
}

interface RowProps {
  dependency: Dependency;
  locked: Omit<LockedDependency, 'files'> | undefined;
  /** Where it is known. */
  suiteId: string | undefined;
}

function Row({ dependency, locked, suiteId }: RowProps) {
  const { alias, ref, profile, inputs, place } = dependency;
  const words = formatRef(ref);
  return (
    <tr className="align-top" data-dependency={alias}>
      <td className="px-3 py-1.5">
        <span className="font-[550]">{alias}</span>
        <p className="break-all text-ink-2 text-xs">
          dependencies.yaml:{place.line}:{place.column}
        </p>
      </td>
      <td className="px-3 py-1.5">
        {suiteId && ref.type === 'suite' ? (
          <Link href={`/suites/${encodeURIComponent(suiteId)}`} className="break-all text-accent">
            <code>{words}</code>
          </Link>
        ) : (
          <CopyId id={words} />
        )}
        <div className="sm:hidden">
          <Lock locked={locked} />
        </div>
        <div className="mt-1">
          <VariableList title="Inputs" values={inputs} />
        </div>
      </td>
      <td className="hidden px-3 py-1.5 text-ink-2 sm:table-cell">{profile ?? 'its default'}</td>
      <td className="hidden px-3 py-1.5 sm:table-cell">
        <Lock locked={locked} />
      </td>
    </tr>
  );
}

function Lock({ locked }: Pick<RowProps, 'locked'>) {
  if (!locked) return <span className="text-failed">not locked</span>;
  return (
    <>
      <Digest digest={locked.digest} />
      {locked.resolved === locked.ref ? null : (
        <p className="text-ink-2 text-xs">
          resolved to <code className="break-all">{locked.resolved}</code>
        </p>
      )}
    </>
  );
}
