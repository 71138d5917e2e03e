'use client';

import { type FormEvent, useState } from 'react';
import { ApiError, apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';
import { useAction } from '@/app/_components/use-action';
import { newRowKey } from '@/app/_components/variable-rows';
import type { BackendOption } from '@/lib/model/launch';
import type { BackendSetting, PlatformSettings } from '@/lib/model/platform-settings';
import { BackendFields } from './backend-fields';
import { type Draft, draftOf, formatLoss, problemsOf, settingsOf } from './draft';
import { EnvFields } from './env-fields';
import { RegistryFields } from './registry-fields';

interface SettingsFormProps {
  saved: PlatformSettings;
  options: BackendOption[];
  onSaved: () => void;
}

/** Changes nothing until it is saved, and then all at once. */
export function SettingsForm({ saved, options, onSaved }: SettingsFormProps) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(saved, options));
  const [start] = useState(draft);
  const save = useAction({
    mutationFn: (body: PlatformSettings) => apiFetch('/api/v1/platform-settings', { method: 'PUT', body }),
    onSuccess: onSaved,
  });
  const isChanged = JSON.stringify(settingsOf(draft)) !== JSON.stringify(settingsOf(start));
  const problems = problemsOf(draft);
  const loss = formatLoss(saved, draft);
  const setBackends = (backends: Draft['backends']) => setDraft({ ...draft, backends });
  const change = (key: string, setting: BackendSetting) =>
    setBackends(
      draft.backends.map((row) => {
        if (row.key === key) return { ...row, setting };
        // One of them is where a launch goes that names none.
        return setting.default ? { ...row, setting: { ...row.setting, default: false } } : row;
      }),
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (problems.length === 0) save.mutate(settingsOf(draft));
  };

  return (
    <form onSubmit={submit} className="flex flex-col gap-4" aria-label="Platform settings">
      {saved.backends.length === 0 ? (
        <p className="max-w-[75ch] text-ink-2">
          Nothing is set: these backends are there by themselves. What is saved here stands in their place.
        </p>
      ) : null}
      <ul className="panel divide-y divide-line">
        {draft.backends.map((row) => (
          <BackendFields
            key={row.key}
            setting={row.setting}
            isNew={row.isNew}
            option={options.find(({ id }) => id === row.setting.id)}
            onChange={(setting) => change(row.key, setting)}
            onRemove={() => setBackends(draft.backends.filter(({ key }) => key !== row.key))}
          />
        ))}
        <li className="p-3">
          <Button onClick={() => setBackends([...draft.backends, newRow()])}>Add a backend</Button>
        </li>
      </ul>
      <RegistryFields
        registries={draft.registries}
        onChange={(registries) => setDraft({ ...draft, registries })}
      />
      <EnvFields env={draft.env} onChange={(env) => setDraft({ ...draft, env })} />
      {isChanged && problems.length > 0 ? (
        <ul className="text-ink-2" aria-label="What is missing">
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      ) : null}
      {save.error ? (
        <ErrorNotice title="Nothing was saved.">
          <p>{save.error.message}</p>
          {save.error instanceof ApiError
            ? save.error.issues.map(({ path, message }) => (
                <p key={`${path} ${message}`}>
                  <code>{path}</code>: {message}
                </p>
              ))
            : null}
        </ErrorNotice>
      ) : null}
      {isChanged && loss ? <p className="max-w-[75ch]">{loss}</p> : null}
      <div className="flex items-center gap-2">
        <Button
          type="submit"
          variant="primary"
          disabled={!isChanged || problems.length > 0 || save.isPending}
        >
          {save.isPending ? 'Saving…' : 'Save'}
        </Button>
        <Button variant="quiet" disabled={!isChanged || save.isPending} onClick={() => setDraft(start)}>
          Discard
        </Button>
        <span className="text-ink-2" role="status">
          {isChanged ? 'Not saved yet.' : ''}
        </span>
      </div>
    </form>
  );
}

function newRow(): Draft['backends'][number] {
  return {
    key: newRowKey(),
    isNew: true,
    setting: { id: '', kind: 'kubernetes', label: '', default: false, enabled: true },
  };
}
