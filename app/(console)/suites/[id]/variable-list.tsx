import type { SecretReference } from '@/lib/model/secret';

interface VariableListProps {
  title: string;
  values: Record<string, string>;
  /** Of those that another profile gives. */
  inherited?: ReadonlySet<string>;
}

/** Names and values; nothing where there is none. */
export function VariableList({ title, values, inherited }: VariableListProps) {
  const names = Object.keys(values).sort();
  if (names.length === 0) return null;
  return (
    <Pairs
      title={title}
      pairs={names.map((name) => ({
        name,
        value: values[name] ?? '',
        note: inherited?.has(name) ? 'inherited' : null,
      }))}
    />
  );
}

/** Where the values are found: the values themselves are nowhere here. */
export function SecretList({
  secrets,
  inherited,
}: {
  secrets: readonly SecretReference[];
  inherited?: ReadonlySet<string>;
}) {
  if (secrets.length === 0) return null;
  return (
    <Pairs
      title="Secrets, and where their values are"
      pairs={secrets.map(({ key, from }) => ({
        name: key,
        value: from,
        note: inherited?.has(key) ? 'inherited' : null,
      }))}
    />
  );
}

function Pairs({
  title,
  pairs,
}: {
  title: string;
  pairs: { name: string; value: string; note: string | null }[];
}) {
  return (
    <section aria-label={title}>
      <h3 className="label mb-1">{title}</h3>
      <dl className="grid grid-cols-[fit-content(60%)_minmax(0,1fr)] gap-x-4 gap-y-0.5 font-mono text-code [overflow-wrap:anywhere]">
        {pairs.map(({ name, value, note }) => (
          <div key={name} className="contents">
            <dt className="text-ink-2">{name}</dt>
            <dd className="whitespace-pre-wrap">
              {value === '' ? <span className="font-sans text-ink-2">empty</span> : value}
              {note ? <span className="ml-2 font-sans text-ink-2 text-xs">{note}</span> : null}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
