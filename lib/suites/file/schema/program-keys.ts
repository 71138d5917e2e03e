import { z } from 'zod';
import { dockerCapabilities } from '../../../model/hardening';
import { imageReference } from '../../../model/image-reference';
import { build } from './build';
import { command } from './command';
import { compileAll } from './compile-all';
import { containerKeys } from './container-keys';
import { packageFile } from './files';
import { inputs } from './inputs';
import { listOfUnique, oneOrMoreUnique } from './lists';
import { resources } from './resources';
import { text } from './text';
import { env, headers } from './variables';

const capabilityOrNone = z
  .enum([...dockerCapabilities, 'none'])
  .transform((name) => (name === 'none' ? name : [name]));

/** The plan checks what a template becomes. */
const imageOrTemplate = new RegExp(`${imageReference.source}|\\$\\{\\{`);

export const image = text('an image such as node:22', { max: 500, pattern: imageOrTemplate });

/** Describes a folder in the container. A relative one is below /suite and stays there. */
export const cwd = text('a folder')
  .regex(
    /^(?!(?:[\s\S]*\/)?\.\.(?:\/|$))[^\\]*$/,
    'expected a folder below /suite, or an absolute one, without ".."',
  )
  .transform((folder) => {
    const segments = folder.split('/').filter((segment) => segment !== '' && segment !== '.');
    return `${folder.startsWith('/') ? '/' : ''}${segments.join('/')}` || '.';
  });

/** Keys of every step but nested suites that say which program runs and with what. */
export const programKeys = {
  ...compileAll({
    image: image.optional().meta({
      description: 'The container image. A step needs `run`, an image or `build`.',
      examples: ['node:22'],
      whenAbsent: '`defaults.image`, else the toolbox image',
    }),
    build: build.optional(),
    pull: z
      .enum(['missing', 'always', 'never'])
      .optional()
      .meta({
        description: 'When to pull the image, or the images that `build` begins with.',
        examples: ['always'],
        whenAbsent: '`missing`',
      }),
    run: command.optional().meta({
      description:
        "The program. A text runs in `sh -c`, a list is the argv itself. It replaces the image's command and entry point.",
      whenAbsent: "the image's command",
    }),
    cwd: cwd.optional().meta({
      description:
        'The working directory: relative to `/suite`, where it must contain files, or absolute. No `..`.',
      examples: ['tests'],
      whenAbsent: 'the package, `/suite`',
    }),
    env: env.optional(),
    env_file: oneOrMoreUnique(packageFile, { max: 100 })
      .optional()
      .meta({
        description:
          'Files of the package with lines `NAME=value`, below the `env` of the step; later ones replace the variables of earlier ones.',
        examples: ['config/app.env'],
        see: 'Env files',
      }),
    headers: headers.optional(),
    inputs: inputs.optional(),
    resources: resources.optional(),
    capabilities: z
      .union([listOfUnique(z.enum(dockerCapabilities)), capabilityOrNone])
      .optional()
      .meta({
        description:
          "Linux capabilities to add to the backend's usual ones, of those that Docker gives to a container, or `none` to take these away too.",
        examples: ['NET_RAW'],
        whenAbsent: 'the usual ones',
        see: 'Images',
      }),
  }),
  ...containerKeys,
};
