'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { ErrorNotice } from '@/app/_components/notice';
import { When } from '@/app/_components/time';
import type { MuteRequest } from '@/lib/model/cases/case-record';
import type { CaseDetails } from '@/lib/model/cases/case-views';

interface MutePanelProps {
  details: CaseDetails;
  mayMute: boolean;
  onChange: () => void;
}

/** A muted case runs, is shown and counted, and does not fail its runs until the mute expires. */
export function MutePanel({ details: { id, mute }, mayMute, onChange }: MutePanelProps) {
  const change = useMutation({
    mutationFn: (body: MuteRequest | null) =>
      apiFetch(`/api/v1/cases/${id}/mute`, body ? { method: 'PUT', body } : { method: 'DELETE' }),
    onSuccess: onChange,
  });
  return (
    <section className="panel flex flex-col gap-2 p-3">
      <h2>{mute ? 'Muted' : 'Not muted'}</h2>
      {mute ? (
        <p>
          {mute.reason}
          {mute.ticket ? <span className="text-ink-2"> · {mute.ticket}</span> : null}
          <span className="text-ink-2">
            {' '}
            · until {mute.expiresAt.slice(0, 10)}, by {mute.createdBy} <When at={mute.createdAt} />
          </span>
        </p>
      ) : (
        <p className="text-ink-2">A muted case runs, is shown and counted, and does not fail its runs.</p>
      )}
      {change.error ? (
        <ErrorNotice title="This could not be changed.">{reasonOf(change.error)}</ErrorNotice>
      ) : null}
      {mayMute && mute ? (
        <Button className="self-start" disabled={change.isPending} onClick={() => change.mutate(null)}>
          Unmute
        </Button>
      ) : null}
      {mayMute && !mute ? (
        <MuteForm isBusy={change.isPending} onMute={(body) => change.mutate(body)} />
      ) : null}
    </section>
  );
}

function MuteForm({ isBusy, onMute }: { isBusy: boolean; onMute: (body: MuteRequest) => void }) {
  const [reason, setReason] = useState('');
  const [ticket, setTicket] = useState('');
  const [days, setDays] = useState(14);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = new Date(Date.now() + days * 86_400_000).toISOString();
    onMute({ reason, expiresAt, ...(ticket.trim() ? { ticket } : {}) });
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
      <Field label="Reason" className="min-w-48 flex-1">
        <input
          required
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          className={fieldClass}
        />
      </Field>
      <Field label="Ticket" className="w-40">
        <input
          maxLength={500}
          value={ticket}
          onChange={(event) => setTicket(event.target.value)}
          className={fieldClass}
        />
      </Field>
      <Field label="Days" className="w-20">
        <input
          type="number"
          min={1}
          max={365}
          required
          value={days}
          onChange={(event) => setDays(Number(event.target.value))}
          className={fieldClass}
        />
      </Field>
      <Button type="submit" disabled={isBusy}>
        Mute
      </Button>
    </form>
  );
}

function reasonOf(error: Error): string {
  if (!(error instanceof ApiError)) return error.message;
  return [error.message, ...error.issues.map(({ message }) => message)].join(' ');
}
