import { z } from 'zod';
import { asWritten } from '../yaml/scalar-source';
import { text } from './text';

/** An absolute path without `..` outside the folders that Gantry and the kernel have in a container. */
const containerPath = /^(?!\/(?:suite|gantry|proc|sys|dev)(?:\/|$))(?!.*\/\.\.?(?:\/|$))(?:\/[^/\0\\]+)+\/?$/;

/** Describes a path of the container at which a step may put something of its own. */
export const absolutePath = z
  .string('expected an absolute path without "..", not below /suite, /gantry, /proc, /sys or /dev')
  .max(1_000)
  .regex(containerPath);

const packagePath = text('a file or folder of the suite').regex(
  /^(?!\/)(?!(?:[\s\S]*\/)?\.\.(?:\/|$))[^\\]*$/,
  'expected a file or folder of the suite, without ".."',
);

/** Describes a file of the package by its path, `./` before it or not. */
export const packageFile = packagePath.transform((file) => file.replace(/^(?:\.\/)+/, ''));

const permissions = 'expected permissions in octal, such as 0644';
const octal = /^0?[0-7]{1,3}$/;
const mode = z
  .union(
    [z.string(permissions).regex(octal), z.int(permissions).min(0, permissions).max(777, permissions)],
    permissions,
  )
  .transform(String)
  .pipe(z.string().regex(octal, permissions))
  .transform((digits) => Number.parseInt(digits, 8));

/** Describes `{ from: run.sh, mode: 0755 }`. */
export const longPlacedFile = z.strictObject({
  from: packagePath.meta({
    description: 'A file of the package, or a folder with all that is in it.',
    examples: ['nginx.conf'],
  }),
  mode: mode.optional().meta({
    description: 'The permissions of its files, in octal.',
    examples: ['0600'],
    whenAbsent: '0644, 0755 where the file is executable',
  }),
});

const placedFile = z.union(
  [packagePath.transform((from) => ({ from, mode: undefined })), z.preprocess(asWritten, longPlacedFile)],
  'expected a file or folder of the suite, or {from, mode}',
);

/** Describes a mapping of places in the container to files of the package. Read into a list. */
export const placedFiles = z
  .record(absolutePath, placedFile)
  .transform((placed) =>
    Object.entries(placed).map(([path, { from, mode }]) => ({
      path: trim(path),
      from: trim(from.replace(/^(?:\.\/)+/, '')),
      mode: mode ?? null,
    })),
  )
  .meta({
    description:
      'Files and folders of the package to copy into the container, by where they go: `path: file`, or `path: { from, mode }`. They belong to root.',
    examples: [{ '/etc/nginx/nginx.conf': 'nginx.conf' }],
    see: 'Images',
  });

const volumeName = z
  .string('expected the name of a volume: letters, digits, "_" and "-"')
  .regex(/^[A-Za-z0-9][\w-]{0,62}$/);

/** Describes `{ name: data, read_only: true }`. */
export const longVolume = z.strictObject({
  name: volumeName.meta({
    description: 'Steps of the same suite that say the same name share the volume.',
    examples: ['data'],
  }),
  read_only: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether this step can only read it.', examples: [true] }),
});

const mountedVolume = z.union(
  [volumeName.transform((name) => ({ name, read_only: false })), longVolume],
  'expected the name of a volume, or {name, read_only}',
);

/** Describes a mapping of places in the container to volumes. Read into a list. */
export const mountedVolumes = z
  .record(absolutePath, mountedVolume)
  .transform((mounted) =>
    Object.entries(mounted).map(([path, { name, read_only }]) => ({
      path: trim(path),
      name,
      readOnly: read_only,
    })),
  )
  .meta({
    description:
      'Volumes that the steps of one execution share, by where they are in this container: `path: name`, or `path: { name, read_only }`.',
    examples: [{ '/var/lib/postgresql/data': 'data' }],
    see: 'Images',
  });

function trim(path: string): string {
  return path.replace(/\/+$/, '');
}
