import { z } from 'zod';
import { safeSysctls, ulimitNames } from '../../../model/container-options';
import { asWritten } from '../yaml/scalar-source';
import { compileAll } from './compile-all';
import { looseText } from './variables';

const ulimitName = z
  .string(`expected one of ${ulimitNames.join(', ')}`)
  .regex(new RegExp(`^(?:${ulimitNames.join('|')})$`));

const expectedLimit = 'expected a whole number, or -1 for no limit';
const limit = z.int(expectedLimit).min(-1, expectedLimit);

/** Describes `{ soft: 1024, hard: 4096 }`. */
export const longUlimit = z.strictObject({
  soft: limit.meta({ description: 'The limit itself.', examples: [1024] }),
  hard: limit.meta({ description: 'How far the program may raise it.', examples: [4096] }),
});

const ulimit = z.union(
  [limit.transform((value) => ({ soft: value, hard: value })), longUlimit],
  'expected a whole number, -1 for no limit, or {soft, hard}',
);

/** Describes a mapping of limits by their names. Which of two numbers is larger, no JSON Schema can say. */
export const ulimits = z.record(ulimitName, ulimit);

const sysctlName = z
  .string(`expected one of ${safeSysctls.join(', ')}`)
  .regex(new RegExp(`^(?:${safeSysctls.join('|').replaceAll('.', '\\.')})$`));

const expectedGpus = 'expected a number of graphics processors from 1 to 64, or "all"';

/** Keys of every step but nested suites about what its container may do and which machine it is made for. */
export const containerLimits = compileAll({
  read_only: z
    .boolean()
    .optional()
    .meta({
      description:
        'Whether the file system of the image is read-only. `tmpfs`, `volumes` and `$GANTRY_ARTIFACTS` stay writable. Not together with `files`.',
      examples: [true],
      whenAbsent: '`false`',
    }),
  ulimits: ulimits.optional().meta({
    description: `Limits of each process: ${ulimitNames.map((name) => `\`${name}\``).join(', ')}. A number, -1 for no limit, or \`{ soft, hard }\`.`,
    examples: [{ nofile: 65_536 }],
    whenAbsent: "the engine's",
  }),
  sysctls: z
    .preprocess(asWritten, z.record(sysctlName, looseText('a text or a number', 200)))
    .optional()
    .meta({
      description: 'Settings of the kernel that count for this container alone.',
      examples: [{ 'net.core.somaxconn': 1024 }],
      see: 'Images',
    }),
  gpus: z
    .union([z.literal('all'), z.int(expectedGpus).min(1, expectedGpus).max(64, expectedGpus)], expectedGpus)
    .optional()
    .meta({
      description: 'Graphics processors of the machine: how many, or `all`. The engine needs their runtime.',
      examples: [1],
      whenAbsent: 'none',
    }),
  platform: z
    .string('expected a platform such as linux/amd64')
    .regex(/^linux\/[a-z0-9]{1,20}(?:\/v\d{1,2})?$/)
    .optional()
    .meta({
      description: 'The platform of which the image is taken, where it is made for several.',
      examples: ['linux/amd64'],
      whenAbsent: "the engine's",
    }),
});
