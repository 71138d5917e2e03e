'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { ErrorNotice } from '@/app/_components/notice';
import type { Grantee, SuiteGrant, SuiteGrantRequest } from '@/lib/model/suite-grant';
import type { SuiteRight } from '@/lib/model/suite-right';
import { suiteRights } from '@/lib/model/suite-rights';
import type { Grantees } from './use-grantees';

const kinds = ['everyone', 'group', 'person', 'token'] as const;

/** The form that gives rights to suites. It replaces what the same grantee had for the same pattern. */
export function GiveRights({ grantees, onGiven }: { grantees: Grantees; onGiven: () => void }) {
  const groupsId = useId();
  const [suites, setSuites] = useState('');
  const [kind, setKind] = useState<Grantee['kind']>('group');
  const [whom, setWhom] = useState('');
  const [rights, setRights] = useState<SuiteRight[]>(['see', 'launch']);
  const given = useMutation({
    mutationFn: (body: SuiteGrantRequest) =>
      apiFetch<SuiteGrant>('/api/v1/grants', { method: 'POST', body, isIdempotent: true }),
    onSuccess: () => {
      setSuites('');
      onGiven();
    },
  });
  const choices = kind === 'person' ? grantees.people : grantees.tokens;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    given.mutate({ suites, rights, grantee: kind === 'everyone' ? { kind } : { kind, id: whom } });
  };

  return (
    <form className="panel flex flex-col gap-3 p-4" aria-label="Give rights to suites" onSubmit={submit}>
      <p className="max-w-[75ch] text-ink-2">
        Suites without a row below are open to everybody, by role. Once a suite has a row, only admins and
        those named in its rows see it.
      </p>
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Suites" className="w-full sm:w-56">
          <input
            className={fieldClass}
            placeholder="checkout, or pay-*"
            required
            maxLength={200}
            value={suites}
            onChange={({ target }) => setSuites(target.value)}
          />
        </Field>
        <Field label="To">
          <select
            className={fieldClass}
            value={kind}
            onChange={({ target }) => {
              setKind(kinds.find((each) => each === target.value) ?? 'everyone');
              setWhom('');
            }}
          >
            {kinds.map((each) => (
              <option key={each} value={each}>
                {each === 'everyone' ? each : `a ${each}`}
              </option>
            ))}
          </select>
        </Field>
        {kind === 'group' ? (
          <Field label="Group" className="w-full sm:w-56">
            <input
              className={fieldClass}
              list={groupsId}
              required
              maxLength={200}
              value={whom}
              onChange={({ target }) => setWhom(target.value)}
            />
            <datalist id={groupsId}>
              {grantees.groups.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          </Field>
        ) : null}
        {kind === 'person' || kind === 'token' ? (
          <Field label={kind === 'person' ? 'Person' : 'Token'} className="w-full sm:w-56">
            <select
              className={fieldClass}
              required
              value={whom}
              onChange={({ target }) => setWhom(target.value)}
            >
              <option value="">{choices.length === 0 ? 'there is none' : 'choose'}</option>
              {choices.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </Field>
        ) : null}
      </div>
      <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <legend className="label pb-1">May</legend>
        {suiteRights.map((right) => (
          <label key={right} className="inline-flex items-center gap-1.5">
            <input
              type="checkbox"
              checked={rights.includes(right)}
              disabled={right === 'see'}
              onChange={({ target }) =>
                setRights(
                  suiteRights.filter((each) => (each === right ? target.checked : rights.includes(each))),
                )
              }
            />
            {right}
          </label>
        ))}
      </fieldset>
      {given.isError ? <ErrorNotice title="No right was given.">{given.error.message}</ErrorNotice> : null}
      <div>
        <Button type="submit" variant="primary" disabled={given.isPending || suites.trim() === ''}>
          {given.isPending ? 'Giving…' : 'Give rights'}
        </Button>
      </div>
    </form>
  );
}
