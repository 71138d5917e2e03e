import { z } from 'zod';
import { levels } from './level';
import { oneOrMoreUnique } from './lists';
import { stepId, suiteId } from './names';
import { image } from './program-keys';
import { duration } from './quantities';
import { resources } from './resources';
import { retries } from './retries';
import { schedules } from './schedules';
import { step } from './step';
import { text, wholeNumber } from './text';
import { env, headers, vars } from './variables';

/** Describes which executions may not run at the same time. A suite that names no group is a group of its own. */
export const concurrency = z
  .strictObject({
    group: text('the name of a group of executions', { max: 100 })
      .optional()
      .meta({
        description: 'Executions of one group count together, whatever their suites.',
        examples: ['deploy'],
        whenAbsent: 'the suite',
      }),
    max: wholeNumber('a number of executions', 1, 1_000)
      .default(1)
      .meta({
        description: 'How many executions of the group run at once. The others wait.',
        examples: [3],
      }),
    cancel_running: z
      .boolean()
      .default(false)
      .meta({
        description: 'A new execution cancels those that it would have to wait for.',
        examples: [true],
      }),
  })
  .meta({
    id: 'concurrency',
    description: 'Limits how many executions of a group run at the same time.',
    examples: [{ group: 'deploy', max: 3 }],
  });

/** Describes what counts for every step that does not say otherwise. */
export const defaults = z
  .strictObject({
    timeout: duration()
      .optional()
      .meta({
        description: 'Limit of one attempt of a step.',
        examples: ['5m'],
        whenAbsent: '`10m`',
        see: 'Quantities',
      }),
    image: image.optional().meta({
      description: 'The container image of steps without one.',
      examples: ['node:22'],
      whenAbsent: 'the toolbox image',
    }),
    env: env.default({}),
    headers: headers.default({}),
    retries: retries.optional().meta({
      description: 'Retries of tasks, tests and traffic.',
      whenAbsent: 'none',
    }),
    resources: resources.default({}),
  })
  .meta({
    id: 'defaults',
    description: 'Values for every step that does not give its own. `resources` count key by key.',
    examples: [{ image: 'node:22', timeout: '5m' }],
  })
  .register(levels, { level: 'defaults' });

/** Says in the JSON Schema that a step needs `run`, an image or `build`; `checkPrograms` reports it when Gantry reads the file. */
const needsProgram = {
  if: { required: ['defaults'], properties: { defaults: { required: ['image'] } } },
  else: {
    properties: {
      steps: {
        additionalProperties: {
          if: { properties: { kind: { const: 'suite' } } },
          else: { anyOf: [{ required: ['run'] }, { required: ['image'] }, { required: ['build'] }] },
        },
      },
    },
  },
};

/** Describes `suite.yaml`. */
export const suiteYaml = z
  .strictObject(
    {
      id: suiteId.optional().meta({
        description: 'The id of the suite.',
        examples: ['checkout'],
        whenAbsent: "the folder's name",
        see: 'Names',
      }),
      title: text('a title', { max: 200 })
        .optional()
        .meta({
          description: 'Display name.',
          examples: ['Checkout'],
          whenAbsent: 'the id',
        }),
      description: text('a description', { max: 10_000 })
        .optional()
        .meta({
          description: 'What the suite is about.',
          examples: ['Everything from cart to invoice.'],
        }),
      repository: text('a repository')
        .optional()
        .meta({
          description: 'Where the suite comes from. Other suites can refer to it by this.',
          examples: ['https://git.example/shop/checkout'],
        }),
      version: text('a version such as "1.2.0"', { max: 100 })
        .optional()
        .meta({
          description: 'The version by which other suites pin this one. In quotes if it looks like a number.',
          examples: ['1.2.0'],
        }),
      timeout: duration()
        .optional()
        .meta({
          description: 'Limit of a whole execution.',
          examples: ['20m'],
          whenAbsent: 'none',
          see: 'Quantities',
        }),
      fail_fast: z
        .boolean()
        .default(false)
        .meta({
          description: 'The first failure cancels what runs and skips what waits.',
          examples: [true],
          see: 'Order',
        }),
      waits: z
        .strictObject({
          timeout: duration().meta({
            description: 'How long a step may wait for an agent before it is `errored`.',
            examples: ['10m'],
            see: 'Quantities',
          }),
        })
        .optional()
        .meta({
          description: 'Limits of what steps wait for before they start.',
          examples: [{ timeout: '10m' }],
          whenAbsent: '`timeout: 1h`',
        }),
      concurrency: concurrency.optional().meta({ whenAbsent: 'none' }),
      public_badge: z
        .boolean()
        .default(false)
        .meta({
          description: 'Shows the badge of the suite to everybody, also without signing in.',
          examples: [true],
          see: 'badges.md',
        }),
      schedules: schedules.optional().meta({ whenAbsent: 'none' }),
      vars: vars.optional().meta({ whenAbsent: 'none' }),
      defaults: defaults.prefault({}),
      compose: oneOrMoreUnique(text('a Compose file of the suite'), { max: 20 })
        .optional()
        .meta({
          description:
            'A Compose file of the folder whose services are steps too, or several, the later over the earlier.',
          examples: ['docker-compose.test.yml'],
          whenAbsent: 'none',
        }),
      overrides: z
        .record(stepId, z.record(z.string(), z.unknown(), 'expected a mapping of the keys of a step'))
        .optional()
        .meta({
          description:
            'With `compose`: keys of steps that replace what the Compose file says, by the ids of its steps. `env` and `headers` are merged by name; `ready` with times only keeps the probes.',
          examples: [{ e2e: { kind: 'test', timeout: '20m' } }],
          whenAbsent: 'none',
        }),
      steps: z
        .record(stepId, step)
        .refine((steps) => Object.keys(steps).length > 0, {
          error: 'expected at least one step',
          params: { found: 'none' },
        })
        .meta({ description: 'The steps by their ids.', minProperties: 1 })
        .prefault({}),
    },
    { error: ({ input }) => (input === null ? 'expected a suite with "steps"' : undefined) },
  )
  .register(levels, { level: 'suite' })
  .meta({ ...needsProgram, anyOf: [{ required: ['steps'] }, { required: ['compose'] }] });
export type SuiteYaml = z.output<typeof suiteYaml>;
