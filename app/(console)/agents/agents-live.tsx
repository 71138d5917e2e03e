'use client';

import { useState } from 'react';
import { Button } from '@/app/_components/button';
import { useReportConnection } from '@/app/_components/connection';
import { useStream } from '@/app/_components/streams/use-stream';
import type { AgentSummary } from '@/lib/model/agent';
import { AddAgent } from './add-agent';
import { AgentDialog, type PendingAction } from './agent-dialog';
import { AgentTable } from './agent-table';

type Role = 'viewer' | 'member' | 'admin';

/** The agents, live: holds the stream; everything below are views of it. */
export function AgentsLive({ start, role }: { start: AgentSummary[]; role: Role }) {
  const [isAdding, setIsAdding] = useState(start.length === 0);
  const [pending, setPending] = useState<PendingAction | null>(null);
  const [agents, setAgents] = useState(start);
  const connection = useStream<{ items: AgentSummary[] }>({
    path: '/api/v1/agents/events',
    after: 0,
    onItems: (pictures) => setAgents((before) => pictures.at(-1)?.items ?? before),
  });
  useReportConnection(connection);

  return (
    <div className="flex flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="page-title">Agents</h1>
        <p className="text-ink-2" role="status">
          {summary(agents)}
        </p>
        {agents.length > 0 ? (
          <Button className="ml-auto" aria-expanded={isAdding} onClick={() => setIsAdding(!isAdding)}>
            Add an agent
          </Button>
        ) : null}
      </header>
      {isAdding || agents.length === 0 ? (
        <AddAgent isAdmin={role === 'admin'} isFirst={agents.length === 0} />
      ) : null}
      {agents.length > 0 ? <AgentTable agents={agents} role={role} onAction={setPending} /> : null}
      <AgentDialog pending={pending} onClose={() => setPending(null)} onDone={() => setPending(null)} />
    </div>
  );
}

function summary(agents: AgentSummary[]): string {
  if (agents.length === 0) return 'none yet';
  const count = (state: AgentSummary['state']) => agents.filter((agent) => agent.state === state).length;
  const jobs = agents.reduce((sum, agent) => sum + agent.jobs.length, 0);
  const states = (['online', 'draining', 'offline'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`);
  return `${states.join(', ')}; ${jobs === 1 ? '1 step' : `${jobs} steps`} on them`;
}
