import { Button } from '@/app/_components/button';
import { When } from '@/app/_components/time';
import type { UserSummary } from '@/lib/model/user';
import type { PersonAction } from './person-dialog';
import { RoleSelect } from './role-select';

interface PeopleTableProps {
  people: UserSummary[];
  onRole: (id: string, role: UserSummary['role']) => void;
  onEnable: (id: string) => void;
  onChoose: (action: PersonAction) => void;
  onGroups: (person: UserSummary) => void;
}

/** One row per person, by name. */
export function PeopleTable({ people, onRole, onEnable, onChoose, onGroups }: PeopleTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="w-full">
        <caption className="sr-only">People who sign in</caption>
        <thead>
          <tr className="border-line border-b text-left">
            <th className="label py-1.5 pr-2 pl-3">Name</th>
            <th className="label px-2 py-1.5">Role</th>
            <th className="label hidden px-2 py-1.5 md:table-cell">Signs in with</th>
            <th className="label hidden px-2 py-1.5 sm:table-cell">Last seen</th>
            <th className="label px-3 py-1.5">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr
              key={person.id}
              data-person={person.name}
              className="border-line border-b last:border-b-0 hover:bg-sunken"
            >
              <td className="max-w-60 break-words py-1.5 pr-2 pl-3">
                <span className="font-[550]">{person.name}</span>
                <span className="block text-ink-2 text-xs">
                  {person.email ?? 'first admin, by the sign-in link'}
                  {person.disabledAt === null ? null : ', disabled'}
                </span>
                {person.groups.length > 0 ? (
                  <span className="block text-ink-2 text-xs">in {person.groups.join(', ')}</span>
                ) : null}
              </td>
              <td className="px-2 py-1">
                <RoleSelect
                  value={person.role}
                  label={`Role of ${person.name}`}
                  onChange={(role) => onRole(person.id, role)}
                />
              </td>
              <td className="hidden px-2 py-1.5 text-ink-2 md:table-cell">{waysOf(person)}</td>
              <td className="hidden whitespace-nowrap px-2 py-1.5 text-ink-2 sm:table-cell">
                {person.lastSeenAt === null ? 'never' : <When at={person.lastSeenAt} />}
                {person.sessions > 1 ? `, ${person.sessions} browsers` : ''}
              </td>
              <td className="w-px px-3 py-1 text-right sm:whitespace-nowrap">
                <Button variant="quiet" className="h-7" onClick={() => onGroups(person)}>
                  Groups…<span className="sr-only"> {person.name}</span>
                </Button>
                <Button variant="quiet" className="h-7" onClick={() => onChoose({ person, action: 'reset' })}>
                  Reset…<span className="sr-only"> {person.name}</span>
                </Button>
                {person.disabledAt === null ? (
                  <Button
                    variant="danger"
                    className="h-7"
                    onClick={() => onChoose({ person, action: 'disable' })}
                  >
                    Disable…<span className="sr-only"> {person.name}</span>
                  </Button>
                ) : (
                  <Button className="h-7" onClick={() => onEnable(person.id)}>
                    Enable<span className="sr-only"> {person.name}</span>
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

function waysOf({ hasPassword, providers }: UserSummary): string {
  const ways = [...(hasPassword ? ['password'] : []), ...providers];
  return ways.length > 0 ? ways.join(', ') : 'nothing yet';
}
