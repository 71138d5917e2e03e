import { VariableRows } from '@/app/_components/variable-rows';
import type { Draft } from './draft';

interface EnvFieldsProps {
  env: Draft['env'];
  onChange: (env: Draft['env']) => void;
}

/** Variables that every step gets. */
export function EnvFields({ env, onChange }: EnvFieldsProps) {
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
      <VariableRows rows={env} onChange={onChange} />
    </fieldset>
  );
}
