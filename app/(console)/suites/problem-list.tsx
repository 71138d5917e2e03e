import { CopyId } from '@/app/_components/copy-id';
import type { SuiteProblem } from '@/lib/model/suite';

/** What is wrong, each at its place; a click copies the place for the editor. */
export function ProblemList({ problems }: { problems: readonly SuiteProblem[] }) {
  return (
    <ul className="flex flex-col gap-1.5">
      {problems.map(({ file, line, column, message }) => (
        <li
          key={`${file}:${line}:${column} ${message}`}
          className="grid gap-x-4 sm:grid-cols-[minmax(11rem,auto)_1fr]"
        >
          <span>
            <CopyId id={`${file}:${line}:${column}`} />
          </span>
          <span className="min-w-0 whitespace-pre-wrap font-mono text-code [overflow-wrap:anywhere]">
            {message}
          </span>
        </li>
      ))}
    </ul>
  );
}
