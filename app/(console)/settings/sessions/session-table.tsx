import { Button } from '@/app/_components/button';
import { When } from '@/app/_components/time';
import type { SessionSummary } from '@/lib/model/session';

/** One row per browser, the last used first. */
export function SessionTable({
  sessions,
  onEnd,
}: {
  sessions: SessionSummary[];
  onEnd: (id: string) => void;
}) {
  return (
    <div className="panel overflow-x-auto">
      <table className="w-full">
        <caption className="sr-only">Signed-in browsers</caption>
        <thead>
          <tr className="border-line border-b text-left">
            <th className="label py-1.5 pr-2 pl-3">Who</th>
            <th className="label px-2 py-1.5">Browser</th>
            <th className="label hidden px-2 py-1.5 md:table-cell">Signed in</th>
            <th className="label hidden px-2 py-1.5 sm:table-cell">Last seen</th>
            <th className="label px-3 py-1.5">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr
              key={session.id}
              data-session={session.current ? 'current' : session.name}
              className="border-line border-b last:border-b-0 hover:bg-sunken"
            >
              <td className="py-1.5 pr-2 pl-3">
                <span className="font-[550]">{session.name}</span>
                <span className="block text-ink-2 text-xs">
                  {session.role}
                  {session.userId === null ? ', with an API token' : ''}
                </span>
              </td>
              <td className="max-w-80 break-words px-2 py-1.5 text-ink-2">
                {session.userAgent ?? 'unknown'}
                <span className="block text-xs">
                  {session.address ?? 'unknown address'}
                  {session.current ? ', this browser' : ''}
                </span>
              </td>
              <td className="hidden whitespace-nowrap px-2 py-1.5 text-ink-2 md:table-cell">
                <When at={session.createdAt} />
              </td>
              <td className="hidden whitespace-nowrap px-2 py-1.5 text-ink-2 sm:table-cell">
                <When at={session.lastSeenAt} />
              </td>
              <td className="w-px whitespace-nowrap px-3 py-1 text-right">
                {session.current ? null : (
                  <Button variant="danger" className="h-7" onClick={() => onEnd(session.id)}>
                    Sign out<span className="sr-only"> {session.name}</span>
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
