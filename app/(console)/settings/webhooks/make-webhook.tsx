'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { ErrorNotice } from '@/app/_components/notice';
import type { WebhookEvent, WebhookForm, WebhookRequest } from '@/lib/model/webhook';
import { webhookEvents, webhookForms } from '@/lib/model/webhook-event';

const start = { name: '', url: '', secretFrom: '' };
const startEvents: WebhookEvent[] = ['execution.failed', 'execution.errored', 'execution.became_passed'];

const formLabels: Record<WebhookForm, string> = {
  gantry: 'Signed message',
  slack: 'Slack',
  teams: 'Microsoft Teams',
  mattermost: 'Mattermost',
  github: 'GitHub commit status',
  gitlab: 'GitLab commit status',
};
const urlHints: Record<WebhookForm, string> = {
  gantry: 'https://chat.example/hooks/gantry',
  slack: 'https://hooks.slack.com/services/{secret}',
  teams: 'https://region.logic.azure.com/{secret}',
  mattermost: 'https://chat.example/hooks/{secret}',
  github: 'https://api.github.com/repos/OWNER/NAME',
  gitlab: 'https://gitlab.com/api/v4/projects/ID',
};

/** Makes a webhook. */
export function MakeWebhook({ onMade }: { onMade: () => void }) {
  const [texts, setTexts] = useState(start);
  const [form, setForm] = useState<WebhookForm>('gantry');
  const [events, setEvents] = useState<WebhookEvent[]>(startEvents);
  const made = useMutation({
    mutationFn: (body: WebhookRequest) => apiFetch('/api/v1/webhooks', { method: 'POST', body }),
    onSuccess: () => {
      setTexts(start);
      setEvents(startEvents);
      onMade();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    made.mutate({ ...texts, form, events, enabled: true });
  };

  return (
    <form className="panel flex flex-col gap-3 p-4" aria-label="Make a webhook" onSubmit={submit}>
      <p className="max-w-[75ch] text-ink-2">
        A webhook gets a signed message when an execution has ended. The secret is looked up where you say,
        and is kept nowhere else: <code>env:NAME</code>, <code>file:/path</code> or{' '}
        <code>vault:path#field</code>. In the address of a chat, <code>{'{secret}'}</code> stands for it; for
        a commit status it is a token, and the execution needs the label <code>commit</code>.
      </p>
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Name" className="w-full sm:w-40">
          <input
            className={fieldClass}
            placeholder="chat"
            required
            maxLength={80}
            value={texts.name}
            onChange={({ target }) => setTexts({ ...texts, name: target.value })}
          />
        </Field>
        <Field label="Form" className="w-full sm:w-48">
          <select
            className={fieldClass}
            value={form}
            onChange={({ target }) => setForm(webhookForms.find((each) => each === target.value) ?? 'gantry')}
          >
            {webhookForms.map((each) => (
              <option key={each} value={each}>
                {formLabels[each]}
              </option>
            ))}
          </select>
        </Field>
        <Field label="URL" className="w-full sm:w-80">
          <input
            className={fieldClass}
            type="url"
            placeholder={urlHints[form]}
            required
            maxLength={2000}
            value={texts.url}
            onChange={({ target }) => setTexts({ ...texts, url: target.value })}
          />
        </Field>
        <Field label="Secret from" className="w-full sm:w-56">
          <input
            className={fieldClass}
            placeholder="env:CHAT_WEBHOOK_SECRET"
            required
            maxLength={2000}
            value={texts.secretFrom}
            onChange={({ target }) => setTexts({ ...texts, secretFrom: target.value })}
          />
        </Field>
      </div>
      <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <legend className="label pb-1">Events</legend>
        {webhookEvents.map((event) => (
          <label key={event} className="inline-flex items-center gap-1.5">
            <input
              type="checkbox"
              checked={events.includes(event)}
              onChange={({ target }) =>
                setEvents(
                  webhookEvents.filter((each) => (each === event ? target.checked : events.includes(each))),
                )
              }
            />
            {event.replace('execution.', '').replace('_', ' ')}
          </label>
        ))}
      </fieldset>
      {made.isError ? <ErrorNotice title="No webhook was made.">{made.error.message}</ErrorNotice> : null}
      <div>
        <Button type="submit" variant="primary" disabled={made.isPending || events.length === 0}>
          {made.isPending ? 'Making it…' : 'Make a webhook'}
        </Button>
      </div>
    </form>
  );
}
