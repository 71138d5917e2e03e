import { Button } from '@/app/_components/button';
import { FieldIssue, fieldClass } from '@/app/_components/field';
import { VariableRows } from '@/app/_components/variable-rows';
import type { StepRow } from './draft';
import { Group } from './group';
import { type Issue, issueAt } from './issues';
import { StepChanges } from './step-changes';

interface StepFieldsProps {
  rows: readonly StepRow[];
  /** The suite's own steps: those of nested suites are not a profile's to change. */
  known: readonly string[];
  onChange: (rows: StepRow[]) => void;
  issues: readonly Issue[];
}

/** What only some steps get, above what all of them do. */
export function StepFields({ rows, known, onChange, issues }: StepFieldsProps) {
  const free = known.filter((id) => !rows.some((row) => row.id === id));
  const change = (id: string, part: Partial<StepRow>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  return (
    <>
      {rows.map(({ id, env, headers, kept }) => (
        <div key={id} className="flex flex-col gap-2 border-line-strong border-l-2 pl-3" data-layer={id}>
          <div className="flex items-center gap-2">
            <code className="font-[550]">{id}</code>
            <Button variant="quiet" onClick={() => onChange(rows.filter((row) => row.id !== id))}>
              Remove<span className="sr-only"> the step {id}</span>
            </Button>
          </div>
          <StepChanges change={kept} />
          <FieldIssue id={`issue-step-${id}`} text={issueAt(issues, `steps.${id}`)} />
          <Group title={`Env of ${id}`}>
            <VariableRows
              rows={env}
              onChange={(next) => change(id, { env: next })}
              issueOf={({ name }) => issueAt(issues, `steps.${id}.env.${name.trim()}`)}
            />
          </Group>
          <Group title={`Headers of ${id}`}>
            <VariableRows
              what="header"
              rows={headers}
              onChange={(next) => change(id, { headers: next })}
              issueOf={({ name }) => issueAt(issues, `steps.${id}.headers.${name.trim()}`)}
            />
          </Group>
        </div>
      ))}
      {free.length > 0 ? (
        <select
          className={`${fieldClass} self-start`}
          aria-label="Add a step"
          value=""
          onChange={(event) =>
            onChange([...rows, { id: event.target.value, env: [], headers: [], kept: {} }])
          }
        >
          <option value="">Add a step…</option>
          {free.map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      ) : null}
    </>
  );
}
