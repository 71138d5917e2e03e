'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';
import type { AgentSummary } from '@/lib/model/agent';
import { AddAgent } from './add-agent';
import { AgentDialog, type Asked } from './agent-dialog';
import { AgentTable } from './agent-table';

type Role = 'viewer' | 'member' | 'admin';

const everyMs = 2_000;

/** The agents as they are now; everything below are views of them. */
export function AgentsLive({ start, role }: { start: AgentSummary[]; role: Role }) {
  const [isAdding, setIsAdding] = useState(start.length === 0);
  const [asked, setAsked] = useState<Asked | null>(null);
  const query = useQuery({
    queryKey: ['agents'],
    queryFn: () => ask<{ items: AgentSummary[] }>('/api/v1/agents'),
    initialData: { items: start },
    refetchInterval: everyMs,
  });
  const agents = query.data.items;

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
      {query.isError ? (
        <ErrorNotice title="The agents are not known at the moment">
          {query.error.message} It is tried again every few seconds.
        </ErrorNotice>
      ) : null}
      {isAdding || agents.length === 0 ? (
        <AddAgent isAdmin={role === 'admin'} isFirst={agents.length === 0} />
      ) : null}
      {agents.length > 0 ? <AgentTable agents={agents} role={role} onAsk={setAsked} /> : null}
      <AgentDialog
        asked={asked}
        onClose={() => setAsked(null)}
        onDone={() => {
          setAsked(null);
          void query.refetch();
        }}
      />
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
