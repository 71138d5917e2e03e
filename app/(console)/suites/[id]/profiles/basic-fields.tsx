import { Field, FieldIssue, fieldClass } from '@/app/_components/field';
import type { Draft } from './draft';
import { type Issue, issueAt } from './issues';

interface BasicFieldsProps {
  draft: Draft;
  isNew: boolean;
  /** Names of the profiles that it may extend. */
  bases: readonly string[];
  issues: readonly Issue[];
  onChange: (part: Partial<Draft>) => void;
}

/** What it is called and what it builds on; a profile keeps its name. */
export function BasicFields({ draft, isNew, bases, issues, onChange }: BasicFieldsProps) {
  const text = (field: 'name' | 'description') => ({
    value: draft[field],
    onChange: (event: { target: { value: string } }) => onChange({ [field]: event.target.value }),
    'aria-invalid': issueAt(issues, field) !== null,
    'aria-describedby': issueAt(issues, field) ? `issue-${field}` : undefined,
  });

  return (
    <>
      <div className="flex flex-wrap items-start gap-3">
        {isNew ? (
          <div className="w-full sm:w-56">
            <Field label="Name">
              <input className={fieldClass} placeholder="nightly" maxLength={100} {...text('name')} />
            </Field>
            <FieldIssue id="issue-name" text={issueAt(issues, 'name')} />
          </div>
        ) : null}
        <div className="w-full sm:w-56">
          <Field label="Extends">
            <select
              className={fieldClass}
              value={draft.extends}
              aria-invalid={issueAt(issues, 'extends') !== null}
              aria-describedby={issueAt(issues, 'extends') ? 'issue-extends' : undefined}
              onChange={(event) => onChange({ extends: event.target.value })}
            >
              <option value="">no other</option>
              {bases.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </Field>
          <FieldIssue id="issue-extends" text={issueAt(issues, 'extends')} />
        </div>
        <div className="min-w-0 flex-1 basis-64">
          <Field label="Description">
            <input className={fieldClass} {...text('description')} />
          </Field>
          <FieldIssue id="issue-description" text={issueAt(issues, 'description')} />
        </div>
      </div>
      <div className="flex flex-wrap gap-x-6 gap-y-2">
        <Check
          words="Launched when none is chosen"
          isOn={draft.isDefault}
          onChange={(isDefault) => onChange({ isDefault })}
        />
        <Check
          words="May be launched, not only extended"
          isOn={draft.isLaunchable}
          onChange={(isLaunchable) => onChange({ isLaunchable })}
        />
        <FieldIssue id="issue-default" text={issueAt(issues, 'default')} />
      </div>
    </>
  );
}

function Check({
  words,
  isOn,
  onChange,
}: {
  words: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <label className="flex items-center gap-2">
      <input
        type="checkbox"
        className="accent-accent"
        checked={isOn}
        onChange={(event) => onChange(event.target.checked)}
      />
      {words}
    </label>
  );
}
