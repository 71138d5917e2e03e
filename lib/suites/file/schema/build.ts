import path from 'node:path';
import { z } from 'zod';
import type { ImageBuild } from '../../../model/image-build';
import { asWritten } from '../yaml/scalar-source';
import { text } from './text';
import { looseText } from './variables';

const insidePackage = /^(?!\/)(?!(?:[\s\S]*\/)?\.\.(?:\/|$))[^\\]*$/;
const contextFolder = text('a folder of the suite')
  .regex(insidePackage, 'expected a folder of the suite, without ".."')
  .transform((folder) => path.posix.join(folder, '.').replace(/\/$/, ''));

const argName = z
  .string('expected the name of a build argument')
  .max(200)
  .regex(/^[A-Za-z_]\w*$/);

/** Describes `{ context: api, target: runtime }`. */
export const longBuild = z
  .strictObject({
    context: contextFolder.optional().meta({
      description:
        'The folder of the package whose files the build may copy. A `.dockerignore` in it counts.',
      examples: ['api'],
      whenAbsent: '`.`, the whole package',
    }),
    dockerfile: text('a file of the suite')
      .optional()
      .meta({
        description:
          'The Dockerfile, relative to `context`. It may lie outside of it, and stays in the package.',
        examples: ['docker/test.Dockerfile'],
        whenAbsent: '`Dockerfile`',
      }),
    dockerfile_inline: text('a Dockerfile', { max: 100_000 })
      .optional()
      .meta({
        description: 'The text of the Dockerfile itself, in the place of `dockerfile`.',
        examples: ['FROM node:22'],
      }),
    target: text('the name of a stage', { max: 200, pattern: /^[A-Za-z0-9][\w.-]*$/ })
      .optional()
      .meta({
        description: 'The stage of the Dockerfile that is wanted.',
        examples: ['runtime'],
        whenAbsent: 'the last one',
      }),
    args: z
      .preprocess(asWritten, z.record(argName, looseText('text, a number, true or false', 32_768)))
      .optional()
      .meta({
        description: 'Values for the `ARG`s of the Dockerfile. They stay in the image: no place for secrets.',
        examples: [{ VERSION: '1.2' }],
      }),
  })
  .meta({ not: { required: ['dockerfile', 'dockerfile_inline'] } });

/** Describes how a step's image is built: a folder, or a mapping. `checkBuilds` looks for the files. */
export const build = z
  .union(
    [contextFolder.transform((context) => ({ context })), longBuild],
    'expected a folder of the suite, or a mapping such as {context, target}',
  )
  .transform((given: z.output<typeof longBuild>): ImageBuild => {
    const { context = '.', dockerfile = 'Dockerfile', dockerfile_inline: inline = null } = given;
    return {
      context,
      dockerfile: inline === null ? path.posix.join(context, dockerfile) : null,
      inline,
      target: given.target ?? null,
      args: given.args ?? {},
    };
  })
  .meta({
    description:
      'How the image is made of files of the suite, in the place of `image`: the folder with the Dockerfile, or a mapping. Only container engines build.',
    examples: ['api'],
    see: 'Build',
  });
