import { z } from 'zod';
import type { DependencyRef } from '../../../model/dependency';
import { describe } from '../issue';
import { alias, profileName } from './names';
import { parseRef } from './ref';
import { text } from './text';
import { env } from './variables';

export const refText = text('a ref such as payments:1.2.0');

/** Says in the JSON Schema that a ref is pinned, as far as a pattern can. `parseRef` checks the rest. */
const pinnedPattern =
  /^(?:oci:\/\/\S+@sha256:[0-9a-f]{64}|(?!oci:)\S+(?:#(?!latest$|HEAD$)[^\s#]+|:(?!latest$)[^\s:#/]+))$/;

export const longDependency = z.strictObject({
  ref: refText.meta({
    description: "A suite's id or repository, a Git URL, or an OCI artifact.",
    examples: ['payments', 'https://git.example/shop/payments.git#v1.2.0'],
  }),
  version: text('a version such as "1.2.0"', { max: 100 })
    .optional()
    .meta({
      description: 'The version, unless `ref` contains it. `latest` is refused.',
      examples: ['1.2.0'],
      whenAbsent: 'the version in `ref`; a ref without any is an error',
    }),
  profile: profileName.optional().meta({
    description: 'The profile under which the nested suite runs.',
    examples: ['quiet'],
    whenAbsent: 'its default profile',
  }),
  inputs: env.default({}).meta({
    description: 'Environment variables for all steps of the nested suite.',
    examples: [{ SENDER: 'shop@example.org' }],
  }),
});

const entry = z
  .union([
    refText
      .transform((source, { issues }) => ({
        ref: pinned(source, null, issues, () => []),
        profile: null,
        inputs: {},
      }))
      .meta({
        description: 'A ref with its version.',
        pattern: pinnedPattern.source,
        examples: ['payments:1.2.0'],
      }),
    longDependency.transform(({ ref, version, profile, inputs }, { issues }) => ({
      ref: pinned(ref, version ?? null, issues, (key) => [key]),
      profile: profile ?? null,
      inputs,
    })),
  ])
  .meta({ id: 'dependency' });

/** Describes `dependencies.yaml`: by alias a ref with its version, or `{ref, version, profile, inputs}`. */
export const dependenciesYaml = z.record(alias, entry);

/** Parses a ref. What is wrong is an issue at the entry itself, or at the key of the long form that is to blame. */
function pinned(
  source: string,
  version: string | null,
  issues: z.core.$ZodRawIssue[],
  pathOf: (key: 'ref' | 'version') => string[],
): DependencyRef {
  const parsed = parseRef(source, version);
  if ('ref' in parsed) return parsed.ref;
  const found = `${describe(version === null ? source : `${source} ${version}`)}: ${parsed.problem}`;
  issues.push({
    code: 'custom',
    input: source,
    path: pathOf(version === null ? 'ref' : parsed.of),
    message: 'expected a pinned ref',
    params: { found },
  });
  return z.NEVER;
}
