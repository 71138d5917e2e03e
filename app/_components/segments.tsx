interface SegmentsProps<Name extends string> {
  label: string;
  /** Of the radio buttons. */
  name: string;
  options: { name: Name; words: string; count?: number | undefined }[];
  current: Name;
  onChoose: (name: Name) => void;
}

/** One of a few, side by side. */
export function Segments<Name extends string>({
  label,
  name,
  options,
  current,
  onChoose,
}: SegmentsProps<Name>) {
  return (
    <fieldset className="flex rounded-md border border-line-strong bg-surface">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.name}
          className="flex h-7.5 cursor-pointer items-center gap-1.5 rounded-md px-2.5 text-ink-2 has-checked:bg-sunken has-checked:font-[550] has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            className="sr-only"
            checked={option.name === current}
            onChange={() => onChoose(option.name)}
          />
          <span>{option.words}</span>
          {option.count ? <span className="text-xs">{option.count}</span> : null}
        </label>
      ))}
    </fieldset>
  );
}
