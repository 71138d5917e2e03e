import { Button } from '@/app/_components/button';
import { Link } from '@/app/_components/hover-link';
import { When } from '@/app/_components/time';
import type { ScheduleAnswer, ScheduleFiring } from '@/lib/model/schedule';

interface ScheduleTableProps {
  schedules: ScheduleAnswer[];
  onToggle: (schedule: ScheduleAnswer) => void;
  onEdit: (schedule: ScheduleAnswer) => void;
  onRemove: (schedule: ScheduleAnswer) => void;
}

/** One row per schedule, in order of name. */
export function ScheduleTable({ schedules, onToggle, onEdit, onRemove }: ScheduleTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="block w-full sm:table">
        <caption className="sr-only">Schedules</caption>
        <thead className="hidden sm:table-header-group">
          <tr className="border-line border-b text-left">
            <th className="label py-1.5 pr-2 pl-3">Name</th>
            <th className="label px-2 py-1.5">Suite</th>
            <th className="label hidden px-2 py-1.5 sm:table-cell">Times</th>
            <th className="label px-2 py-1.5">Next</th>
            <th className="label px-2 py-1.5">Last</th>
            <th className="label px-3 py-1.5">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody className="block sm:table-row-group">
          {schedules.map((schedule) => (
            <tr
              key={schedule.id}
              data-schedule={schedule.name}
              className="flex flex-wrap items-baseline border-line border-b last:border-b-0 hover:bg-sunken sm:table-row"
            >
              <td className="w-full break-words sm:w-auto sm:max-w-60 py-1.5 pr-2 pl-3 font-[550]">
                {schedule.name}
                {schedule.declaredIn === null ? null : (
                  <span className="block font-normal text-ink-2 text-xs">from {schedule.declaredIn}</span>
                )}
              </td>
              <td className="w-full px-3 py-1.5 text-ink-2 sm:w-auto sm:px-2">
                {schedule.suiteId}
                {schedule.profile === null ? null : `, ${schedule.profile}`}
                {schedule.backend === null ? null : `, on ${schedule.backend}`}
              </td>
              <td className="hidden whitespace-nowrap px-2 py-1.5 text-ink-2 sm:table-cell">
                <code>{schedule.cron}</code> {schedule.timeZone}
              </td>
              <td className="px-3 py-1.5 text-ink-2 tabular-nums sm:px-2">
                <span className="sm:hidden">next: </span>
                <NextTimes schedule={schedule} />
              </td>
              <td className="px-3 py-1.5 text-ink-2 sm:max-w-80 sm:px-2">
                <span className="sm:hidden">last: </span>
                <LastFiring firing={schedule.lastFiring} />
              </td>
              <td className="w-full whitespace-nowrap px-0 py-1 sm:w-px sm:px-3 sm:text-right">
                {schedule.rights.includes('launch') ? (
                  <>
                    <Button variant="quiet" className="h-7" onClick={() => onToggle(schedule)}>
                      {schedule.enabled ? 'Turn off' : 'Turn on'}
                      <span className="sr-only"> {schedule.name}</span>
                    </Button>
                    {schedule.declaredIn === null ? (
                      <>
                        <Button variant="quiet" className="h-7" onClick={() => onEdit(schedule)}>
                          Change<span className="sr-only"> {schedule.name}</span>
                        </Button>
                        <Button variant="danger" className="h-7" onClick={() => onRemove(schedule)}>
                          Remove…<span className="sr-only"> {schedule.name}</span>
                        </Button>
                      </>
                    ) : null}
                  </>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The first one in the viewer's zone, which is named; the others in the tooltip. */
function NextTimes({ schedule: { enabled, nextTimes } }: { schedule: ScheduleAnswer }) {
  const [first] = nextTimes;
  if (!enabled) return <span>off</span>;
  if (first === undefined) return <span>never</span>;
  return (
    <time dateTime={first} title={nextTimes.map(formatWhole).join('\n')}>
      {formatWhole(first)}
    </time>
  );
}

function formatWhole(at: string): string {
  return new Date(at).toLocaleString(undefined, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
}

function LastFiring({ firing }: { firing: ScheduleFiring | null }) {
  if (!firing) return <>never</>;
  const { status, executionId, reason, plannedAt } = firing;
  return (
    <>
      {executionId === null ? (
        <span className={status === 'failed' ? 'text-failed' : ''}>{status}</span>
      ) : (
        <Link className="text-accent hover:underline" href={`/executions/${executionId}`}>
          {status}
        </Link>
      )}{' '}
      <When at={plannedAt} />
      {reason === null ? null : <span className="block text-xs">{reason}</span>}
    </>
  );
}
