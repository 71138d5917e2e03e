import { z } from 'zod';
import { refText } from './dependencies-yaml';
import { alias } from './names';
import { text } from './text';

const hash = text('a hash', { max: 64 });
const filePath = z.string('expected the path of a file').min(1).max(1_000);

export const lockEntry = z.strictObject({
  ref: refText.meta({ description: 'The ref as `dependencies.yaml` has it.', examples: ['payments:1.2.0'] }),
  resolved: text('what it was resolved to').optional().meta({
    description: 'What the ref was resolved to: a Git commit, an OCI digest.',
    whenAbsent: 'the ref itself',
  }),
  digest: z
    .string('expected a digest: sha256: and 64 hex digits')
    .regex(/^sha256:[0-9a-f]{64}$/)
    .meta({ description: "The sha256 over the files of the nested suite's package." }),
  files: z.record(filePath, hash).default({}).meta({
    description: 'By path, the beginning of a sha256 over each file, to name what has changed.',
  }),
});

/** Describes `dependencies.lock.yaml`, which `gantry lock` writes. */
export const lockYaml = z.record(alias, lockEntry);
