'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { ErrorNotice } from '@/app/_components/notice';
import type { LaunchSuite } from '@/lib/model/launch';
import type { ScheduleAnswer, ScheduleRequest } from '@/lib/model/schedule';
import { scheduleRequestOf } from '@/lib/model/schedule-request';

const whenRunning: { value: ScheduleRequest['whenRunning']; words: string }[] = [
  { value: 'skip', words: 'skip this time' },
  { value: 'queue', words: 'wait for its end' },
  { value: 'cancel', words: 'cancel it' },
];
const whenMissed: { value: ScheduleRequest['whenMissed']; words: string }[] = [
  { value: 'skip', words: 'skip them' },
  { value: 'once', words: 'launch once afterwards' },
];

/** Resolves when nothing was typed for a moment; a query of what was typed before is given up. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 300);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

interface ScheduleFormProps {
  /** Null for a new one. */
  schedule: ScheduleAnswer | null;
  onClose: () => void;
  onSaved: () => void;
}

/** Makes or changes a schedule, and shows its next times while they are typed. */
export function ScheduleForm({ schedule, onClose, onSaved }: ScheduleFormProps) {
  const [request, setRequest] = useState<ScheduleRequest>(() =>
    schedule ? scheduleRequestOf(schedule) : newRequest(),
  );
  const set = (change: Partial<ScheduleRequest>) => setRequest((before) => ({ ...before, ...change }));
  const suites = useQuery({
    queryKey: ['launch-suites'],
    queryFn: () => apiFetch<LaunchSuite[]>('/api/v1/executions/launch-suites'),
  });
  const { cron, timeZone } = request;
  const times = useQuery({
    queryKey: ['schedule-times', cron, timeZone],
    queryFn: async ({ signal }) => {
      await pause(signal);
      return apiFetch<{ items: string[] }>(
        `/api/v1/schedule-times?${new URLSearchParams({ cron, timeZone })}`,
      );
    },
    enabled: cron.trim() !== '' && timeZone.trim() !== '',
    retry: false,
  });
  const saved = useMutation({
    mutationFn: () =>
      schedule
        ? apiFetch(`/api/v1/schedules/${encodeURIComponent(schedule.id)}`, { method: 'PUT', body: request })
        : apiFetch('/api/v1/schedules', { method: 'POST', body: request }),
    onSuccess: onSaved,
  });
  const suite = suites.data?.find(({ id }) => id === request.suiteId);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saved.mutate();
  };

  return (
    <form
      className="panel flex flex-col gap-3 p-4"
      aria-label={schedule ? 'Change a schedule' : 'New schedule'}
      onSubmit={submit}
    >
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Suite" className="w-full sm:w-56">
          <select
            className={fieldClass}
            required
            value={request.suiteId}
            onChange={({ target }) => set({ suiteId: target.value, profile: null, backend: null })}
          >
            <option value="">Choose one</option>
            {suite || request.suiteId === '' ? null : (
              <option value={request.suiteId}>{request.suiteId} (not there now)</option>
            )}
            {suites.data?.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </Field>
        <Choice
          label="Profile"
          value={request.profile ?? ''}
          options={[
            { value: '', words: "the suite's default" },
            ...(suite?.profiles ?? []).map(({ name }) => ({ value: name, words: name })),
          ]}
          onChoose={(profile) => set({ profile: profile || null })}
        />
        <Choice
          label="Backend"
          value={request.backend ?? ''}
          options={[
            { value: '', words: 'the default one' },
            ...(suite?.backends ?? []).map(({ id, label }) => ({ value: id, words: label })),
          ]}
          onChoose={(backend) => set({ backend: backend || null })}
        />
        <Field label="Name" className="w-full sm:w-48">
          <input
            className={fieldClass}
            required
            maxLength={80}
            placeholder="nightly"
            value={request.name}
            onChange={({ target }) => set({ name: target.value })}
          />
        </Field>
      </div>
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Cron: minute hour day month weekday" className="w-full sm:w-64">
          <input
            className={`${fieldClass} mono`}
            required
            maxLength={120}
            value={cron}
            aria-invalid={times.isError}
            aria-describedby="next-times"
            onChange={({ target }) => set({ cron: target.value })}
          />
        </Field>
        <Field label="Time zone" className="w-full sm:w-48">
          <input
            className={fieldClass}
            required
            maxLength={60}
            value={timeZone}
            aria-describedby="next-times"
            onChange={({ target }) => set({ timeZone: target.value })}
          />
        </Field>
        <Field label="Jitter in seconds" className="w-32">
          <input
            className={fieldClass}
            type="number"
            min={0}
            max={3600}
            value={request.jitterSeconds}
            onChange={({ target }) => set({ jitterSeconds: Number(target.value) })}
          />
        </Field>
        <Choice
          label="When one still runs"
          value={request.whenRunning}
          options={whenRunning}
          onChoose={(value) => set({ whenRunning: value })}
        />
        <Choice
          label="Times missed while Gantry is down"
          value={request.whenMissed}
          options={whenMissed}
          onChoose={(value) => set({ whenMissed: value })}
        />
      </div>
      <p id="next-times" className={times.isError ? 'text-failed' : 'text-ink-2'} aria-live="polite">
        {times.isError
          ? times.error.message
          : times.data
            ? `Next: ${times.data.items
                .slice(0, 3)
                .map((at) => formatTime(at, timeZone))
                .join(' · ')}`
            : 'The next times are shown here.'}
      </p>
      {saved.isError ? (
        <ErrorNotice title="The schedule was not saved.">{saved.error.message}</ErrorNotice>
      ) : null}
      <div className="flex gap-2">
        <Button type="submit" variant="primary" disabled={saved.isPending || times.isError}>
          {saved.isPending ? 'Saving…' : 'Save'}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; words: string }[];
  onChoose: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, options, onChoose }: ChoiceProps<Value>) {
  const isListed = options.some((each) => each.value === value);
  return (
    <Field label={label}>
      <select
        className={fieldClass}
        value={value}
        onChange={({ target }) => {
          const chosen = options.find((each) => each.value === target.value);
          if (chosen) onChoose(chosen.value);
        }}
      >
        {isListed ? null : <option value={value}>{value}</option>}
        {options.map((each) => (
          <option key={each.value} value={each.value}>
            {each.words}
          </option>
        ))}
      </select>
    </Field>
  );
}

function newRequest(): ScheduleRequest {
  return {
    name: '',
    suiteId: '',
    profile: null,
    backend: null,
    cron: '30 2 * * 1-5',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
    enabled: true,
    jitterSeconds: 0,
    whenRunning: 'skip',
    whenMissed: 'skip',
  };
}

/** In the schedule's own time zone, which is named. */
function formatTime(at: string, timeZone: string): string {
  return new Date(at).toLocaleString(undefined, {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
}
