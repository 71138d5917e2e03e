'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError, apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';
import { When } from '@/app/_components/time';
import { VariableRows } from '@/app/_components/variable-rows';
import type { ManagedProfile } from '@/lib/model/managed-profile';
import type { SuiteDetails } from '@/lib/model/suite-details';
import { BasicFields } from './basic-fields';
import { type Draft, draftOf, requestOf } from './draft';
import { Group } from './group';
import { type Issue, issueAt, issuesElsewhere, issuesOf } from './issues';
import { SecretFields } from './secret-fields';
import { StepFields } from './step-fields';

interface ProfileFormProps {
  suite: SuiteDetails;
  /** Null: a new one. */
  profile: ManagedProfile | null;
  /** What a new one extends at first; empty: nothing. */
  base: string;
  role: 'viewer' | 'member' | 'admin';
  onDone: (name: string) => void;
  onClose: () => void;
}

/** Makes a managed profile or changes one. Nothing is changed until it is saved. */
export function ProfileForm({ suite, profile, base, role, onDone, onClose }: ProfileFormProps) {
  const isNew = profile === null;
  const [draft, setDraft] = useState<Draft>(() => draftOf(profile, base));
  const [start] = useState(profile);
  const [tries, setTries] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const path = `/api/v1/suites/${encodeURIComponent(suite.id)}/profiles`;
  const save = useMutation({
    mutationFn: (sent: Draft) =>
      apiFetch<ManagedProfile>(isNew ? path : `${path}/${encodeURIComponent(profile.name)}`, {
        method: isNew ? 'POST' : 'PUT',
        body: requestOf(sent, isNew),
      }),
    onSuccess: ({ name }) => onDone(name),
  });
  // The keyboard goes on in what was asked for, and then where something is wrong.
  useEffect(() => form.current?.querySelector<HTMLElement>('input, select')?.focus(), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try and each refusal shows what is wrong anew
  useEffect(
    () => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
    [tries, save.error],
  );
  const own = issuesOf(draft, isNew);
  const refused = refusedIssues(save.error, isNew);
  const issues = tries > 0 ? [...own, ...refused] : [];
  const elsewhere = save.variables ? issuesElsewhere(refused, save.variables) : [];
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTries(tries + 1);
    save.reset();
    if (own.length === 0) save.mutate(draft);
  };
  const now = suite.managedProfiles.find(({ name }) => name === profile?.name);
  const bases = [...suite.profileDetails.map(({ name }) => name), draft.extends].filter(
    (name, at, all) => name !== '' && name !== draft.name && all.indexOf(name) === at,
  );

  return (
    <form
      ref={form}
      onSubmit={submit}
      noValidate
      aria-label={isNew ? 'New profile' : `Profile ${profile.name}`}
      className="panel flex flex-col gap-4 p-4"
    >
      {isNew ? <h2 className="text-base">New profile of {suite.title}</h2> : null}
      {start && now && now.changedAt !== start.changedAt ? (
        <p role="status" className="text-timed-out">
          {now.changedBy} changed it <When at={now.changedAt} />, after you began: to save replaces that.
        </p>
      ) : null}
      <BasicFields draft={draft} isNew={isNew} bases={bases} issues={issues} onChange={change} />
      <Group title="Env of every step" issue={issueAt(issues, 'env')}>
        <VariableRows
          rows={draft.env}
          onChange={(env) => change({ env })}
          issueOf={({ name }) => issueAt(issues, `env.${name.trim()}`)}
        />
      </Group>
      <Group title="Variables of the suite" issue={issueAt(issues, 'vars')}>
        <VariableRows
          rows={draft.vars}
          onChange={(vars) => change({ vars })}
          issueOf={({ name }) => issueAt(issues, `vars.${name.trim()}`)}
        />
      </Group>
      <Group title="Headers for mocks and traffic" issue={issueAt(issues, 'headers')}>
        <VariableRows
          what="header"
          rows={draft.headers}
          onChange={(headers) => change({ headers })}
          issueOf={({ name }) => issueAt(issues, `headers.${name.trim()}`)}
        />
      </Group>
      <Group title="Secrets" issue={issueAt(issues, 'secrets')}>
        <SecretFields
          rows={draft.secrets}
          onChange={(secrets) => change({ secrets })}
          isAdmin={role === 'admin'}
          issues={issues}
        />
      </Group>
      <Group title="Single steps" issue={null}>
        <StepFields
          rows={draft.steps}
          known={suite.topology.filter(({ source }) => source === null).map(({ id }) => id)}
          onChange={(steps) => change({ steps })}
          issues={issues}
        />
      </Group>
      {save.isError && (refused.length === 0 || elsewhere.length > 0) ? (
        <ErrorNotice title="It was not saved.">
          {refused.length === 0 ? save.error.message : null}
          {elsewhere.map((issue) => (
            <p key={`${issue.path} ${issue.message}`}>
              <code>{issue.path}</code>: {issue.message}
            </p>
          ))}
        </ErrorNotice>
      ) : null}
      <div className="flex items-center gap-2">
        <Button type="submit" variant="primary" disabled={save.isPending}>
          {save.isPending ? 'Saving…' : isNew ? 'Make the profile' : 'Save'}
        </Button>
        <Button variant="quiet" disabled={save.isPending} onClick={onClose}>
          Discard
        </Button>
        <span className="text-ink-2" role="status">
          {issues.length > elsewhere.length ? 'It was not saved: see the fields that are marked.' : ''}
        </span>
      </div>
    </form>
  );
}

/** What the API says, field by field. */
function refusedIssues(error: Error | null, isNew: boolean): Issue[] {
  if (!(error instanceof ApiError)) return [];
  // There is one of that name.
  if (isNew && error.code === 'conflict') return [{ path: 'name', message: error.message }];
  return error.issues;
}
