interface Option {
  id: string;
  title: string;
  detail: string | null;
  /** Why it cannot be chosen. */
  reason: string | null;
}

interface ChoiceProps {
  title: string;
  name: string;
  options: Option[];
  chosen: string;
  onChoose: (id: string) => void;
}

/** One of several; what cannot be chosen is shown with the reason. */
export function Choice({ title, name, options, chosen, onChoose }: ChoiceProps) {
  return (
    <fieldset>
      <legend className="label mb-1.5">{title}</legend>
      <div className="panel divide-y divide-line overflow-hidden">
        {options.map((option) => (
          <label
            key={option.id}
            className={`flex cursor-pointer gap-2.5 px-3 py-1.5 has-checked:bg-sunken has-disabled:cursor-not-allowed ${option.reason ? 'text-ink-3' : 'hover:bg-sunken'}`}
          >
            <input
              type="radio"
              name={name}
              value={option.id}
              checked={option.id === chosen}
              disabled={option.reason !== null}
              onChange={() => onChoose(option.id)}
              className="mt-1 accent-accent"
            />
            <span className="min-w-0">
              <span className={option.id === chosen ? 'font-[550]' : ''}>{option.title}</span>
              {option.detail ? <span className="block text-ink-2 text-xs">{option.detail}</span> : null}
              {option.reason ? <span className="block text-ink-2 text-xs">{option.reason}</span> : null}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
