'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { CopyCommand } from '@/app/_components/copy-command';
import { Field, fieldClass } from '@/app/_components/field';
import { ErrorNotice } from '@/app/_components/notice';
import type { TokenRequest } from '@/lib/model/token';

const dayMs = 24 * 60 * 60 * 1000;
const lifetimes = [
  { days: 7, words: '7 days' },
  { days: 30, words: '30 days' },
  { days: 90, words: '90 days' },
  { days: 365, words: 'a year' },
  { days: null, words: 'never' },
];
const roles: { role: TokenRequest['role']; may: string }[] = [
  { role: 'viewer', may: 'viewer: reads' },
  { role: 'member', may: 'member: launches, cancels, reaps its own' },
  { role: 'admin', may: 'admin: everything' },
];

/** Makes an API token and shows it once. */
export function MakeToken({ onMade }: { onMade: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<TokenRequest['role']>('member');
  const [suites, setSuites] = useState('');
  const [days, setDays] = useState<number | null>(90);
  const made = useMutation({
    mutationFn: (body: TokenRequest) =>
      apiFetch<{ name: string; token: string }>('/api/v1/tokens', { method: 'POST', body }),
    onSuccess: () => {
      setName('');
      setSuites('');
      onMade();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const patterns = role === 'member' ? suites.split(/[\s,]+/).filter((each) => each !== '') : [];
    made.mutate({
      ...{ name: name.trim(), role },
      ...(patterns.length > 0 ? { suites: patterns } : {}),
      ...(days === null ? {} : { expiresInMs: days * dayMs }),
    });
  };

  return (
    <section className="panel flex flex-col gap-3 p-4" aria-label="Make an API token">
      <p className="max-w-[75ch] text-ink-2">
        An API token lets a program, or a person, in with one role. Its name is who it acts as: it stands in
        the executions that it launches and in the audit log. Tokens of agents are made on the page Agents.
      </p>
      <form className="flex flex-wrap items-end gap-3" onSubmit={submit}>
        <Field label="Name" className="w-full sm:w-56">
          <input
            className={fieldClass}
            placeholder="ci"
            required
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field label="Role">
          <select
            className={fieldClass}
            value={role}
            onChange={(event) =>
              setRole(roles.find((each) => each.role === event.target.value)?.role ?? 'viewer')
            }
          >
            {roles.map((each) => (
              <option key={each.role} value={each.role}>
                {each.may}
              </option>
            ))}
          </select>
        </Field>
        {role === 'member' ? (
          <Field label="For these suites" className="w-full sm:w-56">
            <input
              className={fieldClass}
              placeholder="all, or checkout pay-*"
              value={suites}
              onChange={(event) => setSuites(event.target.value)}
            />
          </Field>
        ) : null}
        <Field label="Expires after">
          <select
            className={fieldClass}
            value={String(days)}
            onChange={(event) =>
              setDays(lifetimes.find((each) => String(each.days) === event.target.value)?.days ?? null)
            }
          >
            {lifetimes.map((each) => (
              <option key={each.words} value={String(each.days)}>
                {each.words}
              </option>
            ))}
          </select>
        </Field>
        <Button type="submit" variant="primary" disabled={made.isPending || name.trim() === ''}>
          {made.isPending ? 'Making it…' : 'Make a token'}
        </Button>
      </form>
      {made.isError ? <ErrorNotice title="No token was made.">{made.error.message}</ErrorNotice> : null}
      {made.data ? (
        <div className="flex flex-col gap-2" role="status">
          <p>
            The token <strong>{made.data.name}</strong> is shown this once. Copy it now: only its hash is
            kept.
          </p>
          <CopyCommand command={made.data.token} />
        </div>
      ) : null}
    </section>
  );
}
