'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { ErrorNotice } from '@/app/_components/notice';
import type { Trigger, TriggerProvider } from '@/lib/model/trigger';
import { triggerProviders } from '@/lib/model/trigger-provider';
import { readPairs } from './field-pairs';

export const providerLabels: Record<TriggerProvider, string> = {
  github: 'GitHub',
  gitlab: 'GitLab',
  gitea: 'Gitea, Forgejo',
  hmac: 'HMAC of any program',
  standard: 'Standard Webhooks',
};

const start = {
  name: '',
  suiteId: '',
  profile: '',
  secretFrom: '',
  events: '',
  when: '',
  env: '',
  labels: '',
};
const areaClass = `${fieldClass} mono h-auto min-h-16 py-1.5`;

/** Makes a trigger. */
export function MakeTrigger({ onMade }: { onMade: (trigger: Trigger) => void }) {
  const [texts, setTexts] = useState(start);
  const [provider, setProvider] = useState<TriggerProvider>('github');
  const made = useMutation({
    mutationFn: async () => {
      const { profile, events, when, env, labels, ...rest } = texts;
      const body = {
        ...rest,
        provider,
        ...(profile === '' ? {} : { profile }),
        events: events.split(/[\s,]+/).filter((each) => each !== ''),
        when: readPairs(when),
        env: readPairs(env),
        labels: readPairs(labels),
      };
      return apiFetch<Trigger>('/api/v1/triggers', { method: 'POST', body });
    },
    onSuccess: (trigger) => {
      setTexts(start);
      onMade(trigger);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    made.mutate();
  };
  const input = (name: keyof typeof start, placeholder: string, isNeeded: boolean) => (
    <input
      className={fieldClass}
      placeholder={placeholder}
      required={isNeeded}
      value={texts[name]}
      onChange={({ target }) => setTexts({ ...texts, [name]: target.value })}
    />
  );
  const area = (name: keyof typeof start, placeholder: string) => (
    <textarea
      className={areaClass}
      placeholder={placeholder}
      rows={2}
      value={texts[name]}
      onChange={({ target }) => setTexts({ ...texts, [name]: target.value })}
    />
  );

  return (
    <form className="panel flex flex-col gap-3 p-4" aria-label="Make a trigger" onSubmit={submit}>
      <p className="max-w-[75ch] text-ink-2">
        A trigger launches a suite when a message comes that is signed with its secret. The secret is looked
        up where you say: <code>env:NAME</code>, <code>file:/path</code> or <code>vault:path#field</code>. The
        address to give to the sender is shown once the trigger is made.
      </p>
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Name" className="w-full sm:w-40">
          {input('name', 'pushes', true)}
        </Field>
        <Field label="Signed by" className="w-full sm:w-48">
          <select
            className={fieldClass}
            value={provider}
            onChange={({ target }) =>
              setProvider(triggerProviders.find((each) => each === target.value) ?? 'github')
            }
          >
            {triggerProviders.map((each) => (
              <option key={each} value={each}>
                {providerLabels[each]}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Secret from" className="w-full sm:w-56">
          {input('secretFrom', 'env:GITHUB_SECRET', true)}
        </Field>
        <Field label="Suite" className="w-full sm:w-40">
          {input('suiteId', 'checkout', true)}
        </Field>
        <Field label="Profile" className="w-full sm:w-40">
          {input('profile', 'the default one', false)}
        </Field>
        <Field label="Events" className="w-full sm:w-48">
          {input('events', 'all; or push, release', false)}
        </Field>
      </div>
      <div className="grid gap-3 sm:grid-cols-3">
        <Field label="Only when">{area('when', 'ref=refs/heads/*')}</Field>
        <Field label="Env from fields">{area('env', 'COMMIT=after')}</Field>
        <Field label="Labels from fields">{area('labels', 'branch=ref')}</Field>
      </div>
      {made.isError ? <ErrorNotice title="No trigger was made.">{made.error.message}</ErrorNotice> : null}
      <div>
        <Button type="submit" variant="primary" disabled={made.isPending}>
          {made.isPending ? 'Making it…' : 'Make a trigger'}
        </Button>
      </div>
    </form>
  );
}
