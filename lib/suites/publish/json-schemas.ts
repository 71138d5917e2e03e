import { z } from 'zod';
import { dependenciesYaml } from '../file/schema/dependencies-yaml';
import { lockYaml } from '../file/schema/lock-yaml';
import { profileYaml } from '../file/schema/profile-yaml';
import { suiteYaml } from '../file/schema/suite-yaml';
import { defaultOf, metaOf } from './key-meta';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Makes the JSON Schemas for editors, by the name of their file in `public/schemas`. */
export function makeJsonSchemas(): Record<string, JsonSchema> {
  return {
    'suite.schema.json': toJsonSchema(suiteYaml, 'suite.yaml of Gantry'),
    'profile.schema.json': toJsonSchema(profileYaml, 'A file in profiles/ of a Gantry suite'),
    'dependencies.schema.json': toJsonSchema(dependenciesYaml, 'dependencies.yaml of a Gantry suite'),
    'dependencies.lock.schema.json': toJsonSchema(lockYaml, 'dependencies.lock.yaml of a Gantry suite'),
  };
}

function toJsonSchema(schema: z.ZodType, title: string): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    // What a person writes, not what the reader makes of it.
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => annotate(zodSchema, jsonSchema),
  });
  return { $schema, title, ...rest };
}

/** zod leaves out examples and defaults wherever a schema transforms its input, and keeps what is for the docs alone. */
function annotate(schema: z.core.$ZodType, json: JsonSchema): void {
  delete json.whenAbsent;
  delete json.see;
  delete json.default;
  const own = z.globalRegistry.get(schema);
  if (own?.examples) json.examples = own.examples;
  const value = defaultOf(schema);
  if (value !== undefined) json.default = value;
  else if (own?.whenAbsent !== undefined && own.whenAbsent !== 'none') {
    json.description = [metaOf(schema).description, `Default: ${own.whenAbsent}.`].filter(Boolean).join(' ');
  }
}
