import { z } from 'zod';
import { valueNamePattern } from '../../../model/template';
import { variableNamePattern } from '../../../model/variable-name';
import { asWritten } from '../yaml/scalar-source';

const maxValueLength = 32_768;

/** Describes the name of a variable that a suite may set. */
export const variableName = z
  .string('expected the name of a variable (up to 200 characters, without "=")')
  .regex(variableNamePattern)
  .regex(/^(?!GANTRY_)/, 'names that begin with GANTRY_ are kept for Gantry itself');

const headerName = z
  .string('expected the name of an HTTP header')
  .regex(/^(?!__proto__$)[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}$/);

/** Describes a text, or a number or a boolean that counts as it is written. */
export function looseText(expected: string, max: number, pattern?: RegExp) {
  const message = `expected ${expected}`;
  const schema = z.string(message).max(max);
  return z
    .union([pattern ? schema.regex(pattern) : schema, z.number(), z.boolean()], message)
    .transform(String);
}

function mapOf(name: z.ZodType<string, string>, expected: string, pattern?: RegExp) {
  return z.preprocess(asWritten, z.record(name, looseText(expected, maxValueLength, pattern)));
}

export const env = mapOf(variableName, 'text, a number, true or false').meta({
  id: 'env',
  description:
    'Environment variables. Numbers, `true` and `false` are taken as written: `1.10` stays `1.10`. Names may have dots and dashes, which a shell cannot read; those that begin with `GANTRY_` are reserved.',
  examples: [{ LOG_LEVEL: 'debug' }],
  see: 'Env and headers',
});

export const headers = mapOf(headerName, 'one line of text, a number, true or false', /^[^\r\n]*$/).meta({
  id: 'headers',
  description:
    'HTTP headers for the requests that test the suite. The step has them as `GANTRY_HEADERS`, a JSON object. Each value is one line.',
  examples: [{ 'X-Tenant': 'acme' }],
  see: 'Env and headers',
});

const varName = z
  .string('expected the name of a variable of the suite: letters, digits, "_" and "-", and no digit first')
  .regex(valueNamePattern);

export const vars = mapOf(varName, 'text, a number, true or false').meta({
  id: 'vars',
  description:
    'Values that change from launch to launch, with their defaults. They stand where a template names them. A profile and a launch can set them.',
  examples: [{ tag: '1.4.0' }],
  see: 'Templates',
});
