import { Link } from '@/app/_components/hover-link';
import { StatusIcon } from '@/app/_components/status-icon';
import { When } from '@/app/_components/time';
import type { AuditEntry, AuditOutcome } from '@/lib/model/audit';
import { formatAction, formatDetail, hrefOf } from './format-audit';
import type { AuditFilter } from './use-audit-filter';

interface AuditTableProps {
  entries: AuditEntry[];
  change: (change: Partial<AuditFilter>) => void;
}

const glyphs: Record<AuditOutcome, 'passed' | 'cancelled' | 'errored'> = {
  allowed: 'passed',
  refused: 'cancelled',
  failed: 'errored',
};

/** One row per entry; a click on who did it, or on what it was done to, shows the others of the same. */
export function AuditTable({ entries, change }: AuditTableProps) {
  return (
    <table className="w-full">
      <caption className="sr-only">Entries of the audit log, newest first</caption>
      <thead>
        <tr className="border-line border-b text-left">
          <th className="label py-1.5 pr-2 pl-3">When</th>
          <th className="label px-2 py-1.5">Who did what</th>
          <th className="label hidden px-2 py-1.5 lg:table-cell">Detail</th>
          <th className="label hidden px-3 py-1.5 md:table-cell">From</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr
            key={entry.id}
            data-action={entry.action}
            className="border-line border-b align-top last:border-b-0 hover:bg-sunken"
          >
            <td className="w-px whitespace-nowrap py-1.5 pr-2 pl-3 text-ink-2">
              <When at={entry.at} />
            </td>
            <td className="px-2 py-1.5">
              <span className="flex items-start gap-2">
                <span className="pt-0.5">
                  <StatusIcon state={glyphs[entry.outcome]} size={14} isDecorative />
                </span>
                <span className="min-w-0">
                  <button
                    type="button"
                    className="font-[550] hover:underline"
                    title={`Only what ${entry.actor.name} did`}
                    onClick={() => change({ actor: entry.actor.name })}
                  >
                    {entry.actor.name}
                  </button>{' '}
                  <span className="text-ink-2">{formatAction(entry)}</span>{' '}
                  <Subject entry={entry} change={change} />
                </span>
              </span>
              <p className="break-words pl-5.5 text-ink-2 text-xs lg:hidden">{formatDetail(entry)}</p>
            </td>
            <td className="hidden max-w-120 break-words px-2 py-1.5 text-ink-2 lg:table-cell">
              {formatDetail(entry)}
            </td>
            <td className="hidden w-px whitespace-nowrap px-3 py-1.5 font-mono text-code text-ink-2 md:table-cell">
              {entry.address ?? '–'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Subject({ entry, change }: { entry: AuditEntry; change: AuditTableProps['change'] }) {
  const { kind, id } = entry.subject;
  if (id === '' || kind === 'session' || kind === 'settings') return null;
  const place = hrefOf(entry);
  return (
    <>
      <button
        type="button"
        className="break-all text-left font-mono text-code hover:underline"
        title={`Only what was done to ${kind} ${id}`}
        onClick={() => change({ subject: id })}
      >
        {id}
      </button>
      {place ? (
        <>
          {' '}
          <Link href={place} className="text-accent text-xs hover:underline">
            open<span className="sr-only"> execution {id}</span>
          </Link>
        </>
      ) : null}
    </>
  );
}
