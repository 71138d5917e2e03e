import { Button } from '@/app/_components/button';
import { When } from '@/app/_components/time';
import type { TokenSummary } from '@/lib/model/token';

interface TokenTableProps {
  tokens: TokenSummary[];
  onRotate: (token: TokenSummary) => void;
  onRevoke: (token: TokenSummary) => void;
}

/** One row per token, the newest first. */
export function TokenTable({ tokens, onRotate, onRevoke }: TokenTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="w-full">
        <caption className="sr-only">Tokens that are not revoked</caption>
        <thead>
          <tr className="border-line border-b text-left">
            <th className="label py-1.5 pr-2 pl-3">Name</th>
            <th className="label hidden px-2 py-1.5 sm:table-cell">Role</th>
            <th className="label hidden px-2 py-1.5 md:table-cell">Made</th>
            <th className="label px-2 py-1.5">Last used</th>
            <th className="label hidden px-2 py-1.5 sm:table-cell">Expires</th>
            <th className="label px-3 py-1.5">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr
              key={token.id}
              data-token={token.name}
              className="border-line border-b last:border-b-0 hover:bg-sunken"
            >
              <td className="max-w-60 break-words py-1.5 pr-2 pl-3">
                <span className="font-[550]">{token.name}</span>
                <span className="block text-ink-2 text-xs sm:hidden">
                  {roleLabels(token)}, <Expiry token={token} />
                </span>
              </td>
              <td className="hidden max-w-60 break-words px-2 py-1.5 text-ink-2 sm:table-cell">
                {roleLabels(token)}
              </td>
              <td className="hidden whitespace-nowrap px-2 py-1.5 text-ink-2 md:table-cell">
                <When at={token.createdAt} />
                {token.madeBy === null ? ' at a start' : ` by ${token.madeBy}`}
              </td>
              <td className="whitespace-nowrap px-2 py-1.5 text-ink-2">
                {token.lastUsedAt === null ? 'never' : <When at={token.lastUsedAt} />}
              </td>
              <td className="hidden whitespace-nowrap px-2 py-1.5 text-ink-2 sm:table-cell">
                <Expiry token={token} />
              </td>
              <td className="w-px whitespace-nowrap px-3 py-1 text-right">
                {isOver(token) || token.replacedBy !== null ? null : (
                  <Button className="mr-2 h-7" onClick={() => onRotate(token)}>
                    Rotate…<span className="sr-only"> {token.name}</span>
                  </Button>
                )}
                <Button variant="danger" className="h-7" onClick={() => onRevoke(token)}>
                  Revoke…<span className="sr-only"> {token.name}</span>
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function roleLabels({ kind, role, suites }: TokenSummary): string {
  if (kind === 'agent') return 'agents';
  return suites === null ? role : `${role} for ${suites.join(', ')}`;
}

function isOver({ expiresAt }: TokenSummary): boolean {
  return expiresAt !== null && new Date(expiresAt).getTime() <= Date.now();
}

function Expiry({ token }: { token: TokenSummary }) {
  const { expiresAt } = token;
  if (expiresAt === null) return <>never expires</>;
  const date = new Date(expiresAt);
  return (
    <time
      dateTime={expiresAt}
      title={date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' })}
    >
      {isOver(token) ? <span className="text-failed">expired </span> : null}
      {date.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' })}
    </time>
  );
}
