import { Empty } from '@/app/_components/notice';

/** The signed-in person. */
export interface Person {
  name: string;
  role: 'viewer' | 'member' | 'admin';
}

/** In the place of what somebody may not see: why, and what to do. */
export function OnlyAdmins({ what, person }: { what: string; person: Person }) {
  return (
    <div className="panel">
      <Empty title={`${what}: for admins`}>
        <p>
          You are {person.name}, {person.role}. Ask an admin, or sign in as one:{' '}
          <code>npm run gantry -- sign-in</code> on the machine that runs Gantry prints a link.
        </p>
      </Empty>
    </div>
  );
}
