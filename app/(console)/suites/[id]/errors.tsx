import { CopyCommand } from '@/app/_components/copy-command';
import { Empty } from '@/app/_components/notice';
import { count } from '@/app/_components/quantities';
import type { SuiteDetails } from '@/lib/model/suite-details';
import { ProblemList } from '../problem-list';

/** All that is wrong, at once, each at its line. */
export function Errors({ suite }: { suite: SuiteDetails }) {
  const { problems, folder } = suite;
  if (problems.length === 0)
    return (
      <Empty title="Nothing is wrong with this suite">
        <p>
          Its files are read again whenever they change. <code>npm run gantry -- validate</code> says the same
          in a terminal.
        </p>
      </Empty>
    );
  return (
    <div className="flex flex-col gap-4 p-4">
      <p className="max-w-[90ch]">
        {count(problems.length, 'error')}. The suite can be launched as soon as the files are saved without
        them: this page follows. A click on a place copies it.
      </p>
      <div className="panel p-3">
        <ProblemList problems={problems} />
      </div>
      <div className="flex max-w-xl flex-col gap-1">
        <p className="text-ink-2">The same in a terminal:</p>
        <CopyCommand command={`npm run gantry -- validate ${folder}`} />
      </div>
    </div>
  );
}
