import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '@/app/_components/button';
import { Link } from '@/app/_components/hover-link';
import { count } from '@/app/_components/quantities';
import { When } from '@/app/_components/time';
import type { SuiteDetailsAnswer } from '@/lib/model/suite-details';
import { ProfileFacts } from './profile-facts';
import type { ProfileRow } from './profile-rows';

interface ProfileTableProps {
  suite: SuiteDetailsAnswer;
  rows: readonly ProfileRow[];
  role: 'viewer' | 'member' | 'admin';
  selected: string | null;
  onToggle: (name: string) => void;
  /** Null: nobody may now. */
  onExtend: ((name: string) => void) | null;
  onChange: (row: ProfileRow) => void;
  onDelete: (row: ProfileRow) => void;
  /** In the place of the facts of the profile that is being changed. */
  form: { name: string; shown: ReactNode } | null;
}

/** One row per profile; `j` and `k` move between them, Enter opens one. */
export function ProfileTable(props: ProfileTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="w-full">
        <thead>
          <tr className="border-line border-b text-left">
            <th className="label py-1.5 pr-2 pl-3">Profile</th>
            <th className="label hidden px-2 py-1.5 md:table-cell">Says</th>
            <th className="label hidden px-2 py-1.5 sm:table-cell">Kept</th>
            <th className="label hidden px-3 py-1.5 sm:table-cell">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        {props.rows.map((row) => (
          <Row key={`${row.name} ${row.managed ? 'managed' : 'file'}`} {...props} row={row} />
        ))}
      </table>
    </div>
  );
}

type RowProps = ProfileTableProps & { row: ProfileRow };

function Row(props: RowProps) {
  const { row, selected, onToggle, form } = props;
  const { name, description, managed, effective } = row;
  const isOpen = selected === name;
  const marks = [
    row.isDefault ? 'the default' : null,
    effective && !row.isLaunchable ? 'only to be extended' : null,
  ].filter(Boolean);
  return (
    <tbody className="border-line border-b last:border-b-0" data-profile={name}>
      <tr className={`align-top ${isOpen ? 'bg-sunken' : 'hover:bg-sunken'}`}>
        <td className="py-1.5 pr-2 pl-3">
          <button
            type="button"
            data-opens={name}
            aria-expanded={isOpen}
            onClick={() => onToggle(name)}
            className="flex items-start gap-2 text-left"
          >
            <ChevronRight
              size={14}
              aria-hidden="true"
              className={`mt-0.5 shrink-0 text-ink-2 transition-transform ${isOpen ? 'rotate-90' : ''}`}
            />
            <span>
              <span className="break-all font-[550]">{name}</span>
              {marks.length > 0 ? <span className="ml-2 text-ink-2 text-xs">{marks.join(', ')}</span> : null}
              {effective ? null : <span className="ml-2 text-failed text-xs">cannot be used</span>}
              {description ? <span className="block text-ink-2 text-xs">{description}</span> : null}
            </span>
          </button>
          <div className="mt-1 pl-4 sm:hidden">
            <Actions {...props} />
          </div>
        </td>
        <td className="hidden px-2 py-1.5 text-ink-2 md:table-cell">{formatProfile(row)}</td>
        <td className="hidden px-2 py-1.5 text-ink-2 sm:table-cell">
          {managed ? (
            <>
              managed, changed by {managed.changedBy} <When at={managed.changedAt} />
            </>
          ) : (
            'in the package'
          )}
        </td>
        <td className="hidden w-px px-3 py-1 text-right sm:table-cell">
          <Actions {...props} />
        </td>
      </tr>
      {isOpen ? (
        <tr>
          <td colSpan={4} className="bg-sunken px-3 pt-1 pb-3">
            {form?.name === name ? form.shown : <ProfileFacts row={row} />}
          </td>
        </tr>
      ) : null}
    </tbody>
  );
}

function Actions({ suite, row, role, onExtend, onChange, onDelete }: RowProps) {
  const { name, managed, effective } = row;
  const refusal = whyNotChange(row, role);
  return (
    <span className="inline-flex flex-wrap gap-1 sm:flex-nowrap sm:justify-end">
      {onExtend && effective ? (
        <Button variant="quiet" className="h-7" onClick={() => onExtend(name)}>
          Extend…<span className="sr-only"> {name}</span>
        </Button>
      ) : null}
      {managed && suite.rights.includes('launch') ? (
        <>
          <Button
            className="h-7"
            disabled={refusal !== null}
            title={refusal ?? undefined}
            onClick={() => onChange(row)}
          >
            Edit…<span className="sr-only"> {name}</span>
          </Button>
          <Button variant="danger" className="h-7" onClick={() => onDelete(row)}>
            Delete…<span className="sr-only"> {name}</span>
          </Button>
        </>
      ) : null}
      {suite.rights.includes('launch') && suite.valid && row.isLaunchable ? (
        <Link
          href={`/launch?suite=${encodeURIComponent(suite.id)}&profile=${encodeURIComponent(name)}`}
          className={`${buttonClass()} h-7`}
        >
          Launch<span className="sr-only"> with {name}</span>
        </Link>
      ) : null}
    </span>
  );
}

/** Null when this person may. */
function whyNotChange({ managed }: ProfileRow, role: ProfileTableProps['role']): string | null {
  if (role === 'admin' || !managed || managed.secrets.length === 0) return null;
  return 'It names secrets: only an admin may change it.';
}

function formatProfile({ effective, managed }: ProfileRow): string {
  const said = effective ?? managed;
  if (!said) return '';
  const parts = [
    [Object.keys(said.env).length, 'variable'],
    [Object.keys(said.headers).length, 'header'],
    [said.secrets.length, 'secret'],
    [Object.keys(said.steps).length, 'step'],
  ] as const;
  const words = parts.filter(([number]) => number > 0).map(([number, noun]) => count(number, noun));
  return words.join(', ') || 'nothing of its own';
}
