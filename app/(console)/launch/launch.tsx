'use client';

import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { apiFetch, newIdempotencyKey } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Link } from '@/app/_components/hover-link';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import { useAction } from '@/app/_components/use-action';
import type { ExecutionSummary } from '@/lib/model/execution';
import type { KeepWhen } from '@/lib/model/keep-alive';
import type { LaunchRequest, LaunchSuite } from '@/lib/model/launch';
import { Choice } from './choice';
import { KeepChoice } from './keep-choice';
import { LaunchPreview } from './launch-preview';
import { StepsChoice } from './steps-choice';
import { typedVariables, VariableFields } from './variable-fields';

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
  /** Of one suite: the choice is no choice for another. */
  const [steps, setSteps] = useState<{ suiteId: string; ids: string[] } | null>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  const suites = useQuery({
    queryKey: ['launch-suites'],
    queryFn: () => apiFetch<LaunchSuite[]>('/api/v1/executions/launch-suites'),
    refetchInterval: 10_000,
  });
  const launch = useAction({
    mutationFn: (body: LaunchRequest) =>
      apiFetch<ExecutionSummary>('/api/v1/executions', {
        method: 'POST',
        body,
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: (execution) => router.push(`/executions/${execution.id}`),
  });

  if (suites.error && !suites.data)
    return (
      <div className="p-4">
        <ErrorNotice title="The suites could not be read.">{suites.error.message} Retrying…</ErrorNotice>
      </div>
    );
  if (!suites.data) return <Skeleton rows={8} />;
  const items = suites.data;
  const asked = items.find((each) => each.id === suiteId);
  if (suiteId !== null && items.length > 0 && !asked) {
    return (
      <Empty title={`${suiteId} cannot be launched`}>
        <p>It is not there, its file has mistakes, or you have no right to launch it.</p>
        <Button onClick={() => setSuiteId(null)}>Choose another suite</Button>
      </Empty>
    );
  }
  const suite = asked ?? items[0];
  if (!suite) {
    return (
      <Empty title="No suite can be launched">
        <p>
          A suite is a folder with a <code>suite.yaml</code> below a suite root (<code>GANTRY_SUITES</code>).
          What is wrong with those that are there is on the page{' '}
          <Link href="/suites" className="text-accent">
            Suites
          </Link>
          . Viewers can launch only suites that an admin has granted them.
        </p>
      </Empty>
    );
  }
  const chosenProfile =
    suite.profiles.find((each) => each.name === profile) ??
    suite.profiles.find((each) => each.default) ??
    suite.profiles[0];
  const defaults = { ...suite.vars, ...chosenProfile?.vars };
  const vars = typedVariables(defaults, values);
  const available = suite.backends.filter((each) => each.available);
  const chosenBackend =
    available.find((each) => each.id === backend) ?? available.find((each) => each.default) ?? available[0];
  const onlySteps = steps?.suiteId === suite.id ? steps.ids : [];
  const whole: LaunchRequest = {
    suiteId: suite.id,
    ...(chosenProfile ? { profile: chosenProfile.name } : {}),
    ...(chosenBackend ? { backend: chosenBackend.id } : {}),
    ...(keep ? { keep } : {}),
    ...(vars ? { vars } : {}),
  };
  const request = onlySteps.length > 0 ? { ...whole, onlySteps } : whole;
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
          variant="primary"
          className="ml-auto"
          disabled={launch.isPending || launch.isSuccess || !chosenBackend}
        >
          {launch.isPending || launch.isSuccess ? 'Launching…' : 'Launch'}
        </Button>
      </header>
      <div className="grid min-h-0 flex-1 gap-4 p-4 lg:grid-cols-[20rem_1fr]">
        <div className="flex flex-col gap-5">
          {launch.error ? <ErrorNotice title="Launch failed">{launch.error.message}</ErrorNotice> : null}
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
          <VariableFields defaults={defaults} values={values} onChange={setValues} />
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
          {chosenBackend ? (
            <StepsChoice
              request={whole}
              chosen={onlySteps}
              onChoose={(ids) => setSteps({ suiteId: suite.id, ids })}
            />
          ) : null}
          <KeepChoice keep={keep} onChoose={setKeep} />
        </div>
        <LaunchPreview request={request} canRun={chosenBackend !== undefined} />
      </div>
    </form>
  );
}
