import { Button } from '@/app/_components/button';
import { Link } from '@/app/_components/hover-link';
import { formatLeft, useNow, When } from '@/app/_components/time';
import type { AgentSummary } from '@/lib/model/agent';
import type { PendingAction } from './agent-dialog';
import { AgentStatusIcon, stateOf } from './agent-status-icon';

interface AgentRowProps {
  agent: AgentSummary;
  role: 'viewer' | 'member' | 'admin';
  onAction: (asked: PendingAction) => void;
}

const maxShown = 4;

/** One agent: how it is and why, what it runs, what can be done with it. */
export function AgentRow({ agent, role, onAction }: AgentRowProps) {
  const { id, jobs, capacity, tags, token } = agent;
  const state = stateOf(agent);
  return (
    <tr
      className="border-line border-b align-top last:border-b-0 hover:bg-sunken"
      data-agent={id}
      data-state={state}
    >
      <td className="w-px whitespace-nowrap py-1.5 pr-2 pl-3">
        <span className="flex items-center gap-2">
          <AgentStatusIcon state={state} />
          <span className="max-sm:sr-only">{state}</span>
        </span>
      </td>
      <td className="px-2 py-1.5">
        <span className="font-[550]">{id}</span>
        <p className="text-ink-2 text-xs">
          {formatReason(agent)}
          <TokenEnd token={token} />
        </p>
        <div className="mt-1 md:hidden">
          <Actions agent={agent} role={role} onAction={onAction} />
        </div>
      </td>
      <td className="hidden px-2 py-1.5 text-ink-2 lg:table-cell">{tags.join(', ') || '–'}</td>
      <td className="px-2 py-1.5">
        <span className="whitespace-nowrap">
          {jobs.length} <span className="text-ink-2">of {capacity}</span>
        </span>
        <ul className="text-xs">
          {jobs.slice(0, maxShown).map((job) => (
            <li key={`${job.executionId} ${job.stepId} ${job.attempt}`}>
              <Link
                href={`/executions/${job.executionId}?step=${encodeURIComponent(job.stepId)}`}
                className="text-accent hover:underline"
              >
                {job.stepId}
              </Link>{' '}
              <span className="text-ink-2">{job.phase ?? 'claimed'}</span>
            </li>
          ))}
          {jobs.length > maxShown ? <li className="text-ink-2">and {jobs.length - maxShown} more</li> : null}
        </ul>
      </td>
      <td className="hidden whitespace-nowrap px-2 py-1.5 text-ink-2 sm:table-cell">
        <When at={agent.lastSeenAt} />
      </td>
      <td className="hidden whitespace-nowrap px-2 py-1.5 text-ink-2 lg:table-cell">{agent.version}</td>
      <td className="hidden px-2 py-1.5 text-ink-2 md:table-cell">
        {token.name}
        {token.revoked ? <span className="text-failed"> revoked</span> : null}
        {token.expired && !token.revoked ? <span className="text-failed"> expired</span> : null}
      </td>
      <td className="hidden w-px whitespace-nowrap px-3 py-1 text-right md:table-cell">
        <Actions agent={agent} role={role} onAction={onAction} />
      </td>
    </tr>
  );
}

function Actions({ agent, role, onAction }: AgentRowProps) {
  if (role === 'viewer') return null;
  const isGone = agent.state === 'offline' && agent.jobs.length === 0 && agent.environments === 0;
  return (
    <span className="inline-flex flex-wrap gap-1 md:flex-nowrap md:justify-end">
      {agent.state !== 'offline' || agent.drain ? (
        <Button className="h-7" onClick={() => onAction({ what: agent.drain ? 'resume' : 'drain', agent })}>
          {agent.drain ? 'End the drain' : 'Drain…'}
        </Button>
      ) : null}
      {role === 'admin' && !agent.token.revoked && !agent.token.expired ? (
        <Button variant="danger" className="h-7" onClick={() => onAction({ what: 'revoke', agent })}>
          Revoke…
        </Button>
      ) : null}
      {role === 'admin' && isGone ? (
        <Button variant="danger" className="h-7" onClick={() => onAction({ what: 'remove', agent })}>
          Forget…
        </Button>
      ) : null}
    </span>
  );
}

/** When the token of an agent ends, as after a rotation: until then it is to be started with the one in its place. */
function TokenEnd({ token: { expiresAt, expired, revoked } }: Pick<AgentSummary, 'token'>) {
  const now = useNow(expiresAt !== null, 10_000);
  if (expiresAt === null || expired || revoked || now === null) return null;
  const at = new Date(expiresAt);
  return (
    <time
      dateTime={expiresAt}
      title={at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' })}
    >
      {` Its token ends in ${formatLeft(at.getTime() - now)}.`}
    </time>
  );
}

/** The sentence that answers "why is it like that". */
function formatReason({ state, drain, problem, environments, token, plain, jobs }: AgentSummary): string {
  const has = environments === 1 ? '1 environment is on it' : `${environments} environments are on it`;
  if (token.revoked) return 'Its token was revoked: it can do nothing any more.';
  if (token.expired) return 'Its token has expired: start it with the token that replaced it, or a new one.';
  if (state === 'offline')
    return environments > 0 ? `Nothing was heard of it; ${has}.` : 'Nothing was heard of it.';
  if (drain) {
    const why = drain.reason ? `: ${drain.reason}` : '';
    const left =
      jobs.length + environments > 0 ? `It ends what it has begun; ${has}.` : 'It has nothing left to do.';
    return `Drained by ${drain.by}${why}. ${left}`;
  }
  if (problem) return problem;
  if (plain) return 'A worker of your own, which takes steps one at a time.';
  return environments > 0 ? `${has}.` : 'Waiting for work.';
}
