import type { AgentSummary } from '@/lib/model/agent';
import type { PendingAction } from './agent-dialog';
import { AgentRow } from './agent-row';

interface AgentTableProps {
  agents: AgentSummary[];
  role: 'viewer' | 'member' | 'admin';
  onAction: (asked: PendingAction) => void;
}

/** One row per agent, by name. */
export function AgentTable({ agents, role, onAction }: AgentTableProps) {
  return (
    <div className="panel overflow-x-auto">
      <table className="w-full">
        <thead>
          <tr className="border-line border-b text-left">
            <th className="label py-1.5 pr-2 pl-3">State</th>
            <th className="label px-2 py-1.5">Agent</th>
            <th className="label hidden px-2 py-1.5 lg:table-cell">Tags</th>
            <th className="label px-2 py-1.5">Steps</th>
            <th className="label hidden px-2 py-1.5 sm:table-cell">Last heard</th>
            <th className="label hidden px-2 py-1.5 lg:table-cell">Version</th>
            <th className="label hidden px-2 py-1.5 md:table-cell">Token</th>
            <th className="label hidden px-3 py-1.5 md:table-cell">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <AgentRow key={agent.id} agent={agent} role={role} onAction={onAction} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
