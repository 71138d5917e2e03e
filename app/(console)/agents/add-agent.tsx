'use client';

import { type FormEvent, useEffect, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { CopyCommand } from '@/app/_components/copy-command';
import { ErrorNotice } from '@/app/_components/notice';
import { useAction } from '@/app/_components/use-action';

/** How to add one: a token, and the command that has it in it, shown once. */
export function AddAgent({ isAdmin, isFirst }: { isAdmin: boolean; isFirst: boolean }) {
  const [name, setName] = useState('');
  const [origin, setOrigin] = useState('https://gantry.example');
  useEffect(() => setOrigin(location.origin), []);
  const made = useAction({
    mutationFn: () =>
      apiFetch<{ token: string }>('/api/v1/agents/tokens', { method: 'POST', body: { name: name.trim() } }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    made.mutate();
  };
  const token = made.data?.token ?? 'TOKEN';

  return (
    <section className="panel flex flex-col gap-3 p-4" aria-label="Add an agent">
      <div>
        <h2 className="font-[550] text-base">{isFirst ? 'Run steps on other machines' : 'Add an agent'}</h2>
        <p className="max-w-[70ch] text-ink-2">
          An agent asks this control plane for steps and runs them on its own Docker. It needs no inbound
          port: Node 20, Docker and a token. The command fetches the agent, one file, and starts it.
        </p>
      </div>
      {!isAdmin ? (
        <p className="text-ink-2">An admin makes the token, here or with the command line.</p>
      ) : made.data ? null : (
        <form className="flex flex-wrap items-end gap-2" onSubmit={submit}>
          <label className="flex flex-col gap-1">
            <span className="label">Name of the token</span>
            <input
              className="h-8 w-56 rounded-md border border-line-strong bg-surface px-2"
              placeholder="build machines"
              required
              maxLength={80}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          </label>
          <Button type="submit" variant="primary" disabled={made.isPending}>
            Make a token
          </Button>
        </form>
      )}
      {made.error ? <ErrorNotice title="No token was made">{made.error.message}</ErrorNotice> : null}
      <CopyCommand
        command={`curl -fsSO ${origin}/gantry-agent.mjs && GANTRY_URL=${origin} GANTRY_AGENT_TOKEN=${token} node gantry-agent.mjs`}
      />
      {made.data ? (
        <p className="text-ink-2" role="status">
          The token is shown this once. The agent appears below as soon as it runs.
        </p>
      ) : null}
    </section>
  );
}
