import { CopyCommand } from '@/app/_components/copy-command';
import type { Invitation } from '@/lib/model/user';

/** The link of an invitation, which nobody can read again. */
export function InvitationLink({ name, invitation }: { name: string; invitation: Invitation }) {
  const until = new Date(invitation.expiresAt).toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
  });
  return (
    <div className="panel flex flex-col gap-2 p-4" role="status">
      <p>
        Send this link to <strong>{name}</strong>. It lets them choose a password, once, until {until}, and is
        shown this once.
      </p>
      <CopyCommand command={`${location.origin}/sign-in#${invitation.token}`} />
    </div>
  );
}
