import { z } from 'zod';
import { inputsFolder } from '../../../model/step-input';
import { absolutePath } from './files';
import { text } from './text';

const relativePath = z
  .string()
  .max(1_000)
  .regex(/^(?!(?:[\s\S]*\/)?\.\.(?:\/|$))[^/\0\\][^\0\\]*$/)
  .transform((folder) => folder.split('/').filter((part) => part !== '' && part !== '.'))
  .transform((parts) => [inputsFolder, ...parts].join('/'));

const folder = z
  .union(
    [absolutePath.transform((absolute) => absolute.replace(/\/+$/, '')), relativePath],
    'expected a folder below $GANTRY_INPUTS or an absolute path, without "..", not below /suite, /gantry, /proc, /sys or /dev',
  )
  .prefault('.');

/** Describes one of the `inputs` of a step. */
export const input = z.strictObject({
  from: text('the id of a step').meta({
    description: 'The step whose artifacts they are. It must come before, in `after`.',
    examples: ['build'],
  }),
  path: text('a glob below $GANTRY_ARTIFACTS of that step', { max: 1_000 }).meta({
    description: 'A glob, as in `export`. The folders before its first pattern are left out in `to`.',
    examples: ['dist/**'],
  }),
  to: folder.meta({
    description:
      'The folder: a relative path is one below `$GANTRY_INPUTS`, on every backend; an absolute path needs a container.',
    examples: ['/app/dist'],
    whenAbsent: '`$GANTRY_INPUTS`',
  }),
});

/** Describes the artifacts of earlier steps that a step gets. */
export const inputs = z
  .array(input, 'expected a list of {from, path, to}')
  .max(100)
  .meta({
    description: 'Artifacts of earlier steps, put in their place before the step starts.',
    examples: [[{ from: 'build', path: 'dist/**', to: '/app/dist' }]],
    see: 'Inputs',
  });
