'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { ask } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import type { ExecutionSummary } from '@/lib/model/execution';
import type { KeepWhen } from '@/lib/model/keep';
import type { LaunchRequest, LaunchSuite } from '@/lib/model/launch';
import { Choice } from './choice';
import { Consequence } from './consequence';
import { KeepChoice } from './keep-choice';

/** Three choices left, what they lead to right. */
export function Launch({
  initialSuite,
  initialProfile,
}: {
  initialSuite: string | null;
  initialProfile: string | null;
}) {
  const router = useRouter();
  const [suiteId, setSuiteId] = useState(initialSuite);
  const [profile, setProfile] = useState(initialProfile);
  const [backend, setBackend] = useState<string | null>(null);
  const [keep, setKeep] = useState<KeepWhen | null>(null);
  const suites = useQuery({
    queryKey: ['launch-suites'],
    queryFn: () => ask<LaunchSuite[]>('/api/v1/executions/launch-suites'),
    refetchInterval: 10_000,
  });
  const launch = useMutation({
    mutationFn: (body: LaunchRequest) =>
      ask<ExecutionSummary>('/api/v1/executions', { method: 'POST', body }),
    onSuccess: (execution) => router.push(`/executions/${execution.id}`),
  });

  if (suites.error && !suites.data)
    return (
      <div className="p-4">
        <ErrorNotice title="The suites could not be read.">
          {suites.error.message} It is tried again.
        </ErrorNotice>
      </div>
    );
  if (!suites.data) return <Skeleton rows={8} />;
  const items = suites.data;
  const suite = items.find((each) => each.id === suiteId) ?? items[0];
  if (!suite) {
    return (
      <Empty title="No suite can be launched">
        <p>
          A suite is a folder with a <code>suite.yaml</code> below a suite root (<code>GANTRY_SUITES</code>).
          What is wrong with those that are there is on the page{' '}
          <Link href="/suites" className="text-accent">
            Suites
          </Link>
          .
        </p>
      </Empty>
    );
  }
  const chosenProfile =
    suite.profiles.find((each) => each.name === profile) ??
    suite.profiles.find((each) => each.default) ??
    suite.profiles[0];
  const available = suite.backends.filter((each) => each.available);
  const chosenBackend =
    available.find((each) => each.id === backend) ?? available.find((each) => each.default) ?? available[0];
  const request: LaunchRequest = {
    suiteId: suite.id,
    ...(chosenProfile ? { profile: chosenProfile.name } : {}),
    ...(chosenBackend ? { backend: chosenBackend.id } : {}),
    ...(keep ? { keep } : {}),
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!launch.isPending && chosenBackend) launch.mutate(request);
  };

  return (
    <form onSubmit={submit} className="flex min-h-full flex-col">
      <header className="sticky top-0 z-10 flex items-center gap-4 border-line border-b bg-ground px-4 py-2">
        <h1 className="page-title">Launch</h1>
        <p className="min-w-0 truncate text-ink-2">
          {suite.title}, profile {chosenProfile?.name}
          {chosenBackend ? `, on ${chosenBackend.label}` : ''}
        </p>
        <Button
          type="submit"
          look="primary"
          className="ml-auto"
          disabled={launch.isPending || launch.isSuccess || !chosenBackend}
        >
          {launch.isPending || launch.isSuccess ? 'Launching…' : 'Launch'}
        </Button>
      </header>
      <div className="grid min-h-0 flex-1 gap-4 p-4 lg:grid-cols-[20rem_1fr]">
        <div className="flex flex-col gap-5">
          {launch.error ? (
            <ErrorNotice title="It was not launched.">{launch.error.message}</ErrorNotice>
          ) : null}
          <Choice
            title="Suite"
            name="suite"
            chosen={suite.id}
            onChoose={setSuiteId}
            options={items.map(({ id, title, description }) => ({
              id,
              title,
              detail: description,
              reason: null,
            }))}
          />
          <Choice
            title="Profile"
            name="profile"
            chosen={chosenProfile?.name ?? ''}
            onChoose={setProfile}
            options={suite.profiles.map((each) => ({
              id: each.name,
              title: each.default && suite.profiles.length > 1 ? `${each.name} · default` : each.name,
              detail: each.description,
              reason: null,
            }))}
          />
          <Choice
            title="Backend"
            name="backend"
            chosen={chosenBackend?.id ?? ''}
            onChoose={setBackend}
            options={suite.backends.map((each) => ({
              id: each.id,
              title: each.label,
              detail: null,
              reason: each.available ? null : (each.reason ?? 'not available'),
            }))}
          />
          <KeepChoice keep={keep} onChoose={setKeep} />
        </div>
        <Consequence request={request} canRun={chosenBackend !== undefined} />
      </div>
    </form>
  );
}
