import { z } from 'zod';
import { asWritten } from '../yaml/scalar-source';
import { looseText } from './variables';

const maxLength = 100_000;

const script = z
  .string('expected a command')
  .max(maxLength)
  .regex(/\S/)
  .transform((source) => ['sh', '-c', source]);

/** Describes a program with its arguments, as a list. */
export const argv = z
  .array(looseText('text', maxLength))
  .max(10_000)
  .refine((command) => command.length > 0 && command[0] !== '', {
    error: 'expected a command',
    params: { found: 'a list without a program' },
  })
  // That the first item is not empty would take "prefixItems", which editors misread.
  .meta({ minItems: 1 });

/** Describes a program with its arguments: a text runs in `sh -c`, a list is the argv itself. Read into an argv. */
export const command = z
  .preprocess(asWritten, z.union([script, argv], 'expected a command (text or a list)'))
  .meta({ id: 'command', examples: ['npm test', ['node', 'server.js']] });
