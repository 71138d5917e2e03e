import { Button } from '@/app/_components/button';
import { fieldClass } from '@/app/_components/field';
import type { Draft } from './draft';

interface EnvFieldsProps {
  env: Draft['env'];
  onChange: (env: Draft['env']) => void;
  newKey: () => string;
}

/** Variables that every step gets. */
export function EnvFields({ env, onChange, newKey }: EnvFieldsProps) {
  const change = (key: string, part: { name: string } | { value: string }) =>
    onChange(env.map((row) => (row.key === key ? { ...row, ...part } : row)));
  return (
    <fieldset className="panel flex flex-col gap-2 p-3">
      <legend className="sr-only">Env of every step</legend>
      <p aria-hidden="true" className="font-[550]">
        Env of every step
      </p>
      <p className="max-w-[75ch] text-ink-2">
        Above what a suite says, below its profile and the launch. No place for secrets: admins see the values
        here, and so does everyone who looks at a step.
      </p>
      {env.map((row) => (
        <div key={row.key} className="flex flex-wrap gap-2 sm:flex-nowrap">
          <input
            className={`${fieldClass} w-full font-mono text-code sm:w-56`}
            aria-label="Name"
            placeholder="NAME"
            value={row.name}
            onChange={(event) => change(row.key, { name: event.target.value })}
          />
          <input
            className={`${fieldClass} flex-1 font-mono text-code`}
            aria-label={`Value of ${row.name || 'the new variable'}`}
            value={row.value}
            onChange={(event) => change(row.key, { value: event.target.value })}
          />
          <Button look="quiet" onClick={() => onChange(env.filter(({ key }) => key !== row.key))}>
            Remove<span className="sr-only"> {row.name}</span>
          </Button>
        </div>
      ))}
      <div>
        <Button onClick={() => onChange([...env, { key: newKey(), name: '', value: '' }])}>
          Add a variable
        </Button>
      </div>
    </fieldset>
  );
}
