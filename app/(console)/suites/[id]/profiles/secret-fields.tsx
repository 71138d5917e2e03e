import { Button } from '@/app/_components/button';
import { FieldIssue, fieldClass } from '@/app/_components/field';
import { newRowKey } from '@/app/_components/variable-rows';
import { filled, type SecretRow } from './draft';
import { type Issue, issueAt } from './issues';

interface SecretFieldsProps {
  rows: readonly SecretRow[];
  onChange: (rows: SecretRow[]) => void;
  isAdmin: boolean;
  issues: readonly Issue[];
}

/** Where values are found, never the values. */
export function SecretFields({ rows, onChange, isAdmin, issues }: SecretFieldsProps) {
  if (!isAdmin) return <p className="text-ink-2">To name secrets takes the role admin.</p>;
  const sent = filled(rows);
  const change = (key: string, part: { name: string } | { from: string }) =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  return (
    <>
      <p className="max-w-[75ch] text-ink-2">
        Not the value, but where the control plane finds it: <code>env:NAME</code>, <code>file:/path</code> or{' '}
        <code>vault:path#field</code>.
      </p>
      {rows.map((row) => {
        const at = sent.indexOf(row);
        const issue = at < 0 ? null : issueAt(issues, `secrets.${at}`, true);
        const named = {
          'aria-invalid': issue !== null,
          'aria-describedby': issue ? `issue-${row.key}` : undefined,
        };
        return (
          <div key={row.key} className="flex flex-col gap-1">
            <div className="flex flex-wrap gap-2 sm:flex-nowrap">
              <input
                className={`${fieldClass} w-full font-mono text-code sm:w-56`}
                aria-label="Variable"
                placeholder="NAME"
                value={row.name}
                onChange={(event) => change(row.key, { name: event.target.value })}
                {...named}
              />
              <input
                className={`${fieldClass} flex-1 font-mono text-code`}
                aria-label={`Where ${row.name || 'the secret'} is found`}
                placeholder="env:NAME"
                value={row.from}
                onChange={(event) => change(row.key, { from: event.target.value })}
                {...named}
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
        <Button onClick={() => onChange([...rows, { key: newRowKey(), name: '', from: '' }])}>
          Add a secret
        </Button>
      </div>
    </>
  );
}
