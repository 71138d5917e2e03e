'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { AlertDialog } from 'radix-ui';
import { type FormEvent, useEffect, useRef } from 'react';
import type { ReauthenticationRequest, ReauthenticationWays } from '@/lib/model/reauthentication';
import { AlertFrame } from './alert-frame';
import { apiFetch, goToSignIn } from './api';
import { Button } from './button';
import { Field, fieldClass } from './field';
import { ErrorNotice, Skeleton } from './notice';
import { reauthenticationChannel } from './reauthenticate';

const path = '/api/v1/session/reauthentication';

const nothingNew =
  'It did not ask you who you are, or it does not say when you signed in there. Try again, or ask an admin.';

/** Takes the password or the token of the session's person, or sends them to their identity provider in another window. */
export function ReauthenticationQuestion({
  onProven,
  onClose,
}: {
  onProven: () => void;
  onClose: () => void;
}) {
  const ways = useQuery({
    queryKey: ['reauthentication'],
    queryFn: () => apiFetch<ReauthenticationWays>(path),
    staleTime: 0,
  });
  const prove = useMutation({
    mutationFn: (body: ReauthenticationRequest) => apiFetch(path, { method: 'POST', body }),
    onSuccess: onProven,
  });
  const back = useMutation({
    mutationFn: async (problem: string | null) => {
      if (problem !== null) throw new Error(problem);
      const { recent } = await apiFetch<ReauthenticationWays>(path);
      if (!recent) throw new Error(nothingNew);
    },
    onSuccess: onProven,
  });
  useWindowOfProvider(back.mutate);

  const send = (bodyOf: (typed: string) => ReauthenticationRequest) => (typed: string) =>
    prove.mutate(bodyOf(typed));
  const { data } = ways;
  const hasNone = data && !data.password && !data.token && data.providers.length === 0;
  return (
    <AlertFrame
      title="Confirm that it is you"
      description="This needs a recent sign-in, and yours was a while ago. What you did goes on afterwards."
      onClose={onClose}
      testId="reauthentication"
    >
      {ways.isPending ? <Skeleton rows={2} /> : null}
      {ways.isError ? (
        <ErrorNotice title="How you can confirm it could not be read.">{ways.error.message}</ErrorNotice>
      ) : null}
      {prove.isError ? (
        <ErrorNotice title="That did not confirm it.">{prove.error.message}</ErrorNotice>
      ) : null}
      {back.isError ? (
        <ErrorNotice title="Your identity provider did not confirm it.">{back.error.message}</ErrorNotice>
      ) : null}
      {data?.providers.map(({ id, name }) => (
        <Button
          key={id}
          onClick={() => {
            back.reset();
            openProvider(id);
          }}
        >
          Sign in again with {name}
        </Button>
      ))}
      {data?.password ? (
        <SecretForm
          label="Password"
          autoComplete="current-password"
          isBusy={prove.isPending}
          onSend={send((password) => ({ password }))}
        />
      ) : null}
      {data?.token ? (
        <SecretForm
          label="API token of this session, or token of a new sign-in link"
          autoComplete="off"
          isBusy={prove.isPending}
          onSend={send((token) => ({ token }))}
        />
      ) : null}
      {hasNone ? (
        <>
          <p>You have no password here, and your identity provider is no longer known: sign in again.</p>
          <Button onClick={goToSignIn}>Go to the sign-in page</Button>
        </>
      ) : null}
      <div className="flex justify-end">
        <AlertDialog.Cancel asChild>
          <Button variant="quiet">Do not do it</Button>
        </AlertDialog.Cancel>
      </div>
    </AlertFrame>
  );
}

function SecretForm({
  label,
  autoComplete,
  isBusy,
  onSend,
}: {
  label: string;
  autoComplete: string;
  isBusy: boolean;
  onSend: (typed: string) => void;
}) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The page that asks may be a form around this one.
    event.stopPropagation();
    onSend(String(new FormData(event.currentTarget).get('secret') ?? ''));
  };
  return (
    <form className="flex flex-col gap-3" onSubmit={submit}>
      <Field label={label}>
        <input
          className={fieldClass}
          name="secret"
          type="password"
          required
          maxLength={500}
          autoComplete={autoComplete}
        />
      </Field>
      <Button type="submit" variant="primary" disabled={isBusy}>
        {isBusy ? 'Confirming…' : 'Confirm'}
      </Button>
    </form>
  );
}

/** In a window of its own, so that what stands in the page is not lost. */
function openProvider(id: string): void {
  window.open(
    `/sign-in?again=${encodeURIComponent(id)}`,
    reauthenticationChannel,
    'popup,width=560,height=720',
  );
}

/** `onBack` gets why the person was not signed in; null: they were. */
function useWindowOfProvider(onBack: (problem: string | null) => void): void {
  const handleBack = useRef(onBack);
  handleBack.current = onBack;
  useEffect(() => {
    const channel = new BroadcastChannel(reauthenticationChannel);
    channel.onmessage = ({ data }) => handleBack.current(typeof data === 'string' ? data : null);
    return () => channel.close();
  }, []);
}
