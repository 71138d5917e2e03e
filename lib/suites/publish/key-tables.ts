import { stringify } from 'yaml';
import { z } from 'zod';
import { type Schema, unwrap, variantsOf } from '../file/inspect-schema';
import { longBuild } from '../file/schema/build';
import { longUlimit } from '../file/schema/container-limits';
import { longDependency } from '../file/schema/dependencies-yaml';
import { coverageCheck, longExport } from '../file/schema/export';
import { longPlacedFile, longVolume } from '../file/schema/files';
import { healthCheck } from '../file/schema/health-check';
import { input } from '../file/schema/inputs';
import { longLogProbe, longLogRule } from '../file/schema/log-rule';
import { profileYaml } from '../file/schema/profile-yaml';
import { ready } from '../file/schema/ready';
import { resources } from '../file/schema/resources';
import { longRetries } from '../file/schema/retries';
import { secret } from '../file/schema/secret';
import { step } from '../file/schema/step';
import { concurrency, defaults, suiteYaml } from '../file/schema/suite-yaml';
import { formatTable } from './format-table';
import { defaultOf, metaOf } from './key-meta';

/** The mappings whose keys docs/suites.md lists, by the name in the marker of their table. */
const mappings: Record<string, Schema> = {
  suite: suiteYaml,
  concurrency,
  defaults,
  step,
  build: longBuild,
  retries: longRetries,
  resources,
  'placed-file': longPlacedFile,
  volume: longVolume,
  ulimit: longUlimit,
  ready,
  healthcheck: healthCheck,
  'log-rule': longLogRule,
  'log-probe': longLogProbe,
  export: longExport,
  coverage: coverageCheck,
  inputs: input,
  profile: profileYaml,
  secret,
  dependency: longDependency,
};

const marker = /(<!-- (keys|kinds) of (\S+), made by "npm run schemas" -->\n)[\s\S]*?(<!-- end of \2 -->)/g;

/** Fills the tables between their markers. Throws for a marker of a mapping that there is not. */
export function fillKeyTables(text: string): string {
  return text.replace(marker, (_all, start: string, what: string, name: string, end: string) => {
    const mapping = mappings[name];
    if (!mapping)
      throw new Error(`there are no ${what} of ${name}: known are ${Object.keys(mappings).join(', ')}`);
    return `${start}\n${what === 'keys' ? tableOfKeys(mapping) : tableOfKinds(mapping)}\n\n${end}`;
  });
}

function tableOfKeys(mapping: Schema): string {
  const keys = keysOf(mapping);
  const hasKinds = keys.some(({ kinds }) => kinds !== null);
  const rows = keys.map(({ name, schema, kinds, isRequired }) => {
    const { description = '', examples = [], see } = metaOf(schema);
    const more = see ? ` See [${see}](${linkTo(see)}).` : '';
    return [
      `\`${name}\``,
      ...(hasKinds ? [kinds ?? 'all'] : []),
      `${description}${more}`,
      isRequired ? 'required' : defaultText(schema),
      examples.length > 0 ? `\`${name}: ${toFlow(examples[0])}\`` : '',
    ];
  });
  return formatTable(['key', ...(hasKinds ? ['kinds'] : []), 'what', 'default', 'example'], rows);
}

/** A heading of docs/suites.md, or another file beside it. */
function linkTo(see: string): string {
  return see.endsWith('.md') ? see : `#${see.toLowerCase().replaceAll(' ', '-')}`;
}

function tableOfKinds(mapping: Schema): string {
  const union = unwrap(mapping);
  if (!(union instanceof z.core.$ZodDiscriminatedUnion)) throw new Error('expected the schema of a union');
  const rows = variantsOf(union).map(({ names, schema }) => {
    const literal = schema._zod.def.shape[union._zod.def.discriminator];
    return [`\`${names.join('`, `')}\``, (literal && metaOf(literal).description) ?? ''];
  });
  return formatTable([union._zod.def.discriminator, 'what'], rows);
}

interface Key {
  name: string;
  schema: Schema;
  /** The kinds of step that have it, where not all do. */
  kinds: string | null;
  isRequired: boolean;
}

function keysOf(mapping: Schema): Key[] {
  const inner = unwrap(mapping);
  if (inner instanceof z.core.$ZodObject) return keysOfObject(inner);
  if (!(inner instanceof z.core.$ZodDiscriminatedUnion)) throw new Error('expected the schema of a mapping');
  const variants = variantsOf(inner);
  const { discriminator } = inner._zod.def;
  const found = new Map<string, Key & { names: string[] }>();
  for (const { names, schema } of variants) {
    for (const key of keysOfObject(schema)) {
      const known = found.get(key.name) ?? { ...key, names: [] };
      known.names.push(...names);
      found.set(key.name, known);
    }
  }
  return [...found.values()].map((key) => ({
    ...key,
    schema: key.name === discriminator ? kindOf(variants) : key.schema,
    kinds: key.names.length === variants.length ? null : whose(key.names, variants),
  }));
}

function keysOfObject(object: z.core.$ZodObject): Key[] {
  return Object.entries(object._zod.def.shape).map(([name, schema]) => ({
    name,
    schema,
    kinds: null,
    isRequired: schema._zod.optin === undefined,
  }));
}

type Variants = ReturnType<typeof variantsOf>;

/** The discriminator itself: its values have a table of their own. */
function kindOf(variants: Variants): Schema {
  return z
    .string()
    .meta({ description: 'What the step is.', see: 'Kinds', examples: [variants[0]?.names[0]] });
}

function whose(names: readonly string[], variants: Variants): string {
  const others = variants.flatMap((variant) => variant.names).filter((name) => !names.includes(name));
  return others.length < names.length ? `all but ${others.join(', ')}` : names.join(', ');
}

function defaultText(schema: Schema): string {
  const { whenAbsent } = metaOf(schema);
  if (whenAbsent !== undefined) return whenAbsent;
  const value = defaultOf(schema);
  return value === undefined ? '' : `\`${toFlow(value)}\``;
}

function toFlow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 })
    .trim()
    .replaceAll('[ ', '[')
    .replaceAll(' ]', ']');
}
