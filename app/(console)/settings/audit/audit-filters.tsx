'use client';

import { type FormEvent, useEffect, useRef } from 'react';
import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { useKeys } from '@/app/_components/use-keys';
import { auditActions, auditOutcomes } from '@/lib/model/audit-action';
import type { AuditFilter } from './use-audit-filter';

interface AuditFiltersProps {
  filter: AuditFilter;
  change: (change: Partial<AuditFilter>) => void;
}

/** Filters by action, actor, subject and outcome. Typed text applies on Enter. */
export function AuditFilters({ filter, change }: AuditFiltersProps) {
  const form = useRef<HTMLFormElement>(null);
  const actor = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => actor.current?.focus() });
  // A click in the table changes them too.
  const { actor: who, subject } = filter;
  useEffect(() => {
    for (const [name, value] of Object.entries({ actor: who, subject })) {
      const input = form.current?.elements.namedItem(name);
      if (input instanceof HTMLInputElement) input.value = value;
    }
  }, [who, subject]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    change({
      actor: String(given.get('actor') ?? '').trim(),
      subject: String(given.get('subject') ?? '').trim(),
    });
  };

  return (
    <form
      ref={form}
      onSubmit={submit}
      className="flex flex-wrap items-end gap-3"
      aria-label="Filter the audit log"
    >
      <Field label="Who (name or token id)" className="w-full sm:w-44">
        <input ref={actor} name="actor" type="search" defaultValue={filter.actor} className={fieldClass} />
      </Field>
      <Field label="To what (id)" className="w-full sm:w-56">
        <input name="subject" type="search" defaultValue={filter.subject} className={fieldClass} />
      </Field>
      <Field label="Action">
        <select
          className={fieldClass}
          value={filter.action}
          onChange={(event) => change({ action: event.target.value })}
        >
          <option value="">any</option>
          {auditActions.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Outcome">
        <select
          className={fieldClass}
          value={filter.outcome}
          onChange={(event) => change({ outcome: event.target.value })}
        >
          <option value="">any</option>
          {auditOutcomes.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </Field>
      <Button type="submit">Filter</Button>
    </form>
  );
}
