import { fieldClass } from '@/app/_components/field';

/** The variables of a suite. Empty fields leave a variable as the suite or its profile has it, which they show. */
export function VariableFields({
  defaults,
  values,
  onChange,
}: {
  /** With those of the profile over those of the suite. */
  defaults: Record<string, string>;
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}) {
  const names = Object.keys(defaults);
  if (names.length === 0) return null;
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="label mb-1.5">Variables</legend>
      {names.map((name) => (
        <label key={name} className="grid grid-cols-[8rem_1fr] items-center gap-2">
          <code className="truncate" title={name}>
            {name}
          </code>
          <input
            className={fieldClass}
            name={`var-${name}`}
            autoComplete="off"
            spellCheck={false}
            placeholder={defaults[name]}
            value={values[name] ?? ''}
            onChange={(event) => onChange({ ...values, [name]: event.target.value })}
          />
        </label>
      ))}
    </fieldset>
  );
}

/** The values that were typed for variables that the suite has; null when there are none. */
export function typedVariables(
  defaults: Record<string, string>,
  values: Record<string, string>,
): Record<string, string> | null {
  const typed = Object.entries(values).filter(
    ([name, value]) => value !== '' && Object.hasOwn(defaults, name),
  );
  return typed.length === 0 ? null : Object.fromEntries(typed);
}
