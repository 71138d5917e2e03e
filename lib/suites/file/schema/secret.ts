import { z } from 'zod';
import { quote } from '../issue';
import { oneOrMoreUnique } from './lists';
import { stepId } from './names';
import { variableName } from './variables';

const originPattern = /^(?:launch|env:[A-Za-z_][A-Za-z0-9_]*|file:\/.+|vault:[^#\s/][^#\s]*#[^#\s]+)$/;

/** Describes one secret: the variable, where its value is, and who gets it. The path of `vault:` is as Vault's command line takes it. */
export const secret = z.strictObject({
  key: variableName.meta({
    description: 'The variable that steps get the value in.',
    examples: ['DATABASE_PASSWORD'],
  }),
  from: z
    .string('expected where the secret is: "env:NAME", "file:/path", "vault:path#field" or "launch"')
    .max(1_000)
    .regex(originPattern)
    .meta({
      description:
        'Where the value is: `env:NAME`, `file:/path` or `vault:path#field`. `launch`: whoever launches the suite brings it.',
      examples: [
        'env:CI_DATABASE_PASSWORD',
        'file:/run/secrets/signing-key',
        'vault:secret/shop/db#password',
      ],
    }),
  steps: oneOrMoreUnique(stepId)
    .optional()
    .meta({
      description: 'The steps that get it, by their ids.',
      examples: [['migrate', 'smoke']],
      whenAbsent: 'all steps of the suite',
    }),
  as: variableName.optional().meta({
    description: 'What the variable is called in those steps.',
    examples: ['PGPASSWORD'],
    whenAbsent: 'the `key`',
  }),
});

/** Describes the secrets of a profile, each key once. */
export const secrets = z
  .array(secret)
  .max(200, 'expected 0 to 200 items')
  .check(({ value, issues }) => {
    const seen = new Set<string>();
    for (const [index, { key }] of value.entries()) {
      if (seen.has(key)) {
        issues.push({
          code: 'custom',
          input: key,
          path: [index, 'key'],
          message: 'expected each key once',
          params: { found: `${quote(key)} again` },
        });
      }
      seen.add(key);
    }
  })
  .meta({
    id: 'secrets',
    description: 'Secrets of the steps: where their values are, never the values themselves.',
    examples: [[{ key: 'DATABASE_PASSWORD', from: 'env:CI_DATABASE_PASSWORD' }]],
    see: 'Secrets',
  });
