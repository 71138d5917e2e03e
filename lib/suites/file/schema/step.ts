import { z } from 'zod';
import { compileAll } from './compile-all';
import { healthCheck } from './health-check';
import { levels } from './level';
import { oneOrMoreUnique } from './lists';
import { reset } from './mock-reset';
import { profileName } from './names';
import { outcomeKeys } from './outcome-keys';
import { programKeys } from './program-keys';
import { defaultProbeForTimes, port, readyRule } from './ready';
import { text } from './text';

const alias = z.string('expected a host name').regex(/^(?=.{1,253}$)[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/);
const stepName = text('the name of a step');

/** The keys of every step, nested suites included. */
const everyStep = compileAll({
  name: text('a name', { max: 200 })
    .optional()
    .meta({
      description: 'Display name.',
      examples: ['Card provider'],
      whenAbsent: 'the id',
    }),
  after: oneOrMoreUnique(stepName)
    .default([])
    .meta({
      description:
        'Ids of the steps that must be ready (services, mocks) or finished (others) before this one starts.',
      examples: [['db', 'migrate']],
      see: 'Order',
    }),
  on_failure: oneOrMoreUnique(stepName)
    .default([])
    .meta({
      description: 'Ids of steps: this one runs only if one of them has failed.',
      examples: ['checkout'],
      see: 'Order',
    }),
  profiles: oneOrMoreUnique(profileName)
    .optional()
    .meta({
      description:
        'The profiles under which it runs. Under any other one it is left out, and nothing waits for it. A name that no file in `profiles/` has becomes a profile without changes.',
      examples: [['debug']],
      whenAbsent: 'every profile',
      see: 'Profiles',
    }),
  tags: oneOrMoreUnique(text('a tag', { max: 63, pattern: /^[\w.:/-]+$/ }))
    .optional()
    .meta({
      description:
        'Words of letters, digits and `_.:/-`. A remote agent takes the step only if it has all of them.',
      examples: [['gpu']],
    }),
});

/** The keys of steps that stay up: services and mocks. */
const stayingUp = compileAll({
  ports: oneOrMoreUnique(port)
    .optional()
    .meta({
      description: 'The ports it listens on. Only these can be reached and probed.',
      examples: [5432],
    }),
  healthcheck: healthCheck.optional().meta({
    description: "A health check of the step's own, in the place of its image's.",
    examples: [{ test: ['pg_isready'], interval: '1s' }],
    whenAbsent: "the image's",
    see: 'Health checks',
  }),
  aliases: oneOrMoreUnique(alias)
    .optional()
    .meta({
      description: 'Further names by which the steps of its suite reach it. Capitals and `_` may be in them.',
      examples: [['DB_MAIN', 'db.example']],
    }),
  ready: readyRule.optional().meta({
    description:
      'When it counts as ready: one probe, or several that must all hold. With times only, they apply to the default probe.',
    examples: [{ tcp: 5432 }, { http: '8080/healthz', log: 'caches are warm', timeout: '30s' }],
    whenAbsent:
      'its own `healthcheck` passes; without one its first port opens; without ports its program runs',
    see: 'Ready',
  }),
});

const test = compileAll({
  reset_mocks: oneOrMoreUnique(stepName)
    .optional()
    .meta({
      description:
        'Ids of mocks with a `reset`, which is sent to each before every attempt of this step, and awaited.',
      examples: ['payments'],
      see: 'Mocks',
    }),
});

const mocked = compileAll({
  reset: reset.optional().meta({
    description: 'The request by which it forgets everything: for `reset_mocks` of tests.',
    examples: [{ http: 'POST /__reset' }],
    see: 'Mocks',
  }),
});

const nested = compileAll({
  ref: stepName.meta({
    description: 'The alias of the nested suite in `dependencies.yaml`.',
    examples: ['payments'],
    see: 'Nested suites',
  }),
});

function kind<const K extends string>(name: K, description: string) {
  return z.literal(name).meta({ description });
}

const level = { level: 'step' } as const;

const service = z
  .strictObject({
    kind: kind('service', 'Stays up until no step needs it.'),
    ...everyStep,
    ...programKeys,
    ...outcomeKeys,
    ...stayingUp,
  })
  .check(defaultProbeForTimes.check)
  .meta(defaultProbeForTimes.meta)
  .register(levels, level);
const mock = z
  .strictObject({
    kind: kind('mock', 'Stays up as a service does and replaces a real one.'),
    ...everyStep,
    ...programKeys,
    ...outcomeKeys,
    ...stayingUp,
    ...mocked,
  })
  .check(defaultProbeForTimes.check)
  .meta(defaultProbeForTimes.meta)
  .register(levels, level);
const task = z
  .strictObject({
    kind: kind('task', 'Runs to its end.'),
    ...everyStep,
    ...programKeys,
    ...outcomeKeys,
  })
  .register(levels, level);
const testStep = z
  .strictObject({
    kind: kind('test', 'Runs to its end and checks something.'),
    ...everyStep,
    ...programKeys,
    ...outcomeKeys,
    ...test,
  })
  .register(levels, level);
const traffic = z
  .strictObject({
    kind: kind('traffic', 'Runs to its end and sends requests.'),
    ...everyStep,
    ...programKeys,
    ...outcomeKeys,
  })
  .register(levels, level);
const suite = z
  .strictObject({
    kind: kind('suite', 'Stands for all steps of a nested suite.'),
    ...nested,
    ...everyStep,
  })
  .register(levels, level);

/** Says in the JSON Schema that `run` stands without these keys; `checkImageKeys` reports it when Gantry reads the file. */
const runWithImageKeys = {
  required: ['run'],
  anyOf: [
    { required: ['args'] },
    { required: ['entrypoint'] },
    {
      required: ['init'],
      properties: { init: { const: false, description: 'The image has an init of its own.' } },
    },
  ],
};

/** Describes a step without its id. Each kind has the keys that mean something for it. */
export const step = z
  .discriminatedUnion('kind', [service, mock, task, testStep, traffic, suite])
  .meta({ id: 'step', not: runWithImageKeys });
export type StepYaml = z.output<typeof step>;
