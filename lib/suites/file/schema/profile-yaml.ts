import { z } from 'zod';
import { command } from './command';
import { levels } from './level';
import { profileName, stepId } from './names';
import { image } from './program-keys';
import { secrets } from './secret';
import { text } from './text';
import { env, headers, vars } from './variables';

/** Describes what a profile changes for one step. */
export const profileStep = z.strictObject({
  env: env.default({}),
  headers: headers.default({}),
  skip: z
    .boolean()
    .optional()
    .meta({
      description: 'Leaves the step out under this profile, and nothing waits for it.',
      examples: [true],
      whenAbsent: '`false`, or what the profile that this one extends says',
    }),
  image: image.optional().meta({
    description: 'The image in the place of the one that the step has.',
    examples: ['node:24'],
    whenAbsent: "the step's",
  }),
  run: command.optional().meta({
    description: 'The program in the place of the one that the step has, with its `args` and `entrypoint`.',
    examples: ['npm run smoke'],
    whenAbsent: "the step's",
  }),
});

/** Describes a file in `profiles/`. */
export const profileYaml = z
  .strictObject({
    name: profileName.optional().meta({
      description: 'The name: letters, digits, `.`, `_` and `-`, at most 100.',
      examples: ['nightly'],
      whenAbsent: "the file's name without `.yaml`",
    }),
    description: text('a description', { max: 10_000 })
      .optional()
      .meta({
        description: 'What the profile is for.',
        examples: ['Every card is declined.'],
      }),
    default: z
      .boolean()
      .default(false)
      .meta({
        description:
          'Launched when no profile is named. At most one profile of a suite, and a launchable one.',
        examples: [true],
        whenAbsent: '`false`; if no profile says `true`, the first launchable one is the default',
      }),
    extends: profileName.optional().meta({
      description: 'Another profile, whose values count where this one has none. No cycles.',
      examples: ['default'],
    }),
    launchable: z
      .boolean()
      .default(true)
      .meta({
        description: '`false`: the profile exists only to be extended.',
        examples: [false],
      }),
    env: env.default({}),
    headers: headers.default({}),
    vars: vars.optional().meta({ description: 'Values for the `vars` of the suite.', whenAbsent: 'none' }),
    secrets: secrets.default([]),
    steps: z
      .record(stepId, profileStep)
      .default({})
      .meta({
        description:
          'What changes for one step alone, by its id: `env` and `headers`, `image` and `run`, or `skip`.',
        examples: [{ smoke: { env: { TEST_RETRIES: 0 } } }],
      }),
  })
  .register(levels, { level: 'profile' });
export type ProfileYaml = z.output<typeof profileYaml>;
