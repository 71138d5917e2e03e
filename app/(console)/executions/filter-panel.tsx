'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { ErrorNotice } from '@/app/_components/notice';
import { useSavedViews } from './saved-views';
import type { ChangeFilter, Filter, FilterKey } from './use-execution-filter';

const fields = [
  { key: 'profile', label: 'Profile', placeholder: 'default', type: 'text' },
  { key: 'author', label: 'Person or token', placeholder: 'ana', type: 'text' },
  { key: 'branch', label: 'Branch', placeholder: 'main', type: 'text' },
  { key: 'label', label: 'Label', placeholder: 'key:value', type: 'text' },
  { key: 'after', label: 'From', placeholder: '', type: 'date' },
  { key: 'before', label: 'To', placeholder: '', type: 'date' },
] as const satisfies { key: FilterKey; label: string; placeholder: string; type: string }[];

/** The rarer conditions, and the name under which the view is saved in this browser. */
export function FilterPanel({ filter, change }: { filter: Filter; change: ChangeFilter }) {
  const views = useSavedViews();
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    change(Object.fromEntries(fields.map(({ key }) => [key, String(typed.get(key) ?? '').trim()])));
  };
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (name.trim() === '') return;
    const refusal = views.save(name.trim(), location.search);
    setProblem(refusal);
    if (refusal === null) setName('');
  };
  return (
    <div className="panel flex flex-col gap-3 p-3">
      <form onSubmit={apply} className="flex flex-wrap items-end gap-3">
        {fields.map(({ key, label, placeholder, type }) => (
          <Field key={key} label={label}>
            <input
              // What is taken away as a chip is taken out of the field.
              key={filter[key]}
              name={key}
              type={type}
              defaultValue={filter[key]}
              placeholder={placeholder}
              pattern={key === 'label' ? '[^:]+:.*' : undefined}
              title={key === 'label' ? 'key:value' : undefined}
              maxLength={200}
              className={`${fieldClass} w-36`}
            />
          </Field>
        ))}
        <Button type="submit" variant="primary">
          Apply
        </Button>
      </form>
      <form onSubmit={save} className="flex flex-wrap items-end gap-3">
        <Field label="Save what is shown as">
          <input
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={60}
            placeholder="failures on main"
            className={`${fieldClass} w-60`}
          />
        </Field>
        <Button type="submit" disabled={name.trim() === ''}>
          Save view
        </Button>
      </form>
      {problem ? <ErrorNotice title="The view could not be saved.">{problem}</ErrorNotice> : null}
    </div>
  );
}
