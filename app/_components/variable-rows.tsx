import type { ClipboardEvent } from 'react';
import { Button } from './button';
import { readEnvLines } from './env-lines';
import { FieldIssue, fieldClass } from './field';

/** As it is being typed. It has a key of its own: the name may be changed, or not be there yet. */
export interface VariableRow {
  key: string;
  name: string;
  value: string;
  /** It came with several lines. */
  isLong?: boolean;
}

interface VariableRowsProps {
  rows: readonly VariableRow[];
  onChange: (rows: VariableRow[]) => void;
  /** What one of them is called. */
  what?: 'variable' | 'header';
  /** What is wrong with one, in one sentence. */
  issueOf?: (row: VariableRow) => string | null;
}

let made = 0;

export function newRowKey(): string {
  made += 1;
  return `new-${made}`;
}

/** Names and values, one row each. Lines like `NAME=value` that are pasted as a name become rows. */
export function VariableRows({ rows, onChange, what = 'variable', issueOf }: VariableRowsProps) {
  const change = (key: string, part: { name: string } | { value: string }) =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  const paste = (event: ClipboardEvent, at: string) => {
    const pasted = what === 'variable' ? readEnvLines(event.clipboardData.getData('text')) : null;
    if (!pasted) return;
    event.preventDefault();
    const more = pasted.map((each) => ({ ...each, key: newRowKey() }));
    onChange(rows.flatMap((row) => (row.key === at ? [...(row.name ? [row] : []), ...more] : [row])));
  };
  return (
    <>
      {rows.map((row) => {
        const issue = issueOf?.(row) ?? null;
        return (
          <div key={row.key} className="flex flex-col gap-1">
            <div className="flex flex-wrap gap-2 sm:flex-nowrap">
              <input
                className={`${fieldClass} w-full font-mono text-code sm:w-56`}
                aria-label="Name"
                aria-invalid={issue !== null}
                aria-describedby={issue ? `issue-${row.key}` : undefined}
                placeholder={what === 'variable' ? 'NAME' : 'name'}
                value={row.name}
                onPaste={(event) => paste(event, row.key)}
                onChange={(event) => change(row.key, { name: event.target.value })}
              />
              <Value
                row={row}
                label={`Value of ${row.name || `the new ${what}`}`}
                onChange={(value) => change(row.key, { value })}
              />
              <Button variant="quiet" onClick={() => onChange(rows.filter(({ key }) => key !== row.key))}>
                Remove<span className="sr-only"> {row.name}</span>
              </Button>
            </div>
            <FieldIssue id={`issue-${row.key}`} text={issue} />
          </div>
        );
      })}
      <div>
        <Button onClick={() => onChange([...rows, { key: newRowKey(), name: '', value: '' }])}>
          Add a {what}
        </Button>
      </div>
    </>
  );
}

/** A field of one line would lose the others. */
function Value({
  row,
  label,
  onChange,
}: {
  row: VariableRow;
  label: string;
  onChange: (value: string) => void;
}) {
  const look = `${fieldClass} flex-1 font-mono text-code`;
  return row.isLong ? (
    <textarea
      className={`${look} h-24 py-1`}
      aria-label={label}
      value={row.value}
      onChange={(event) => onChange(event.target.value)}
    />
  ) : (
    <input
      className={look}
      aria-label={label}
      value={row.value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
