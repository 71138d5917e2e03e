import { z } from 'zod';
import { createDocument, type ZodOpenApiOverride, type ZodOpenApiPathsObject } from 'zod-openapi';
import { apiTags } from '../operations/tags';
import { describeOperation } from './describe-operation';
import { describeCodes } from './problems';
import { namedSchemas } from './schemas';
import { securitySchemes } from './security';

type Document = ReturnType<typeof createDocument>;

let made: Document | undefined;

/** The whole API as OpenAPI 3.1 describes it. Made once. */
export function openApiDocument(): Document {
  if (made) return made;
  // An id, not `components`: those are written once as a request and once as an answer, used so or not.
  for (const [id, schema] of Object.entries(namedSchemas))
    z.globalRegistry.add(schema, { ...schema.meta(), id });
  made = createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Gantry',
        version: '1',
        description: [
          'Control plane for integration test suites made of containers. JSON, camelCase. Times are RFC 3339 with milliseconds, durations are in milliseconds.',
          'Lists take `limit` and `cursor`.',
          'A method that a path does not have is answered with 405 and with those that it has in `Allow`.',
          `Errors are problem details (RFC 9457) with one of these codes: ${describeCodes()}.`,
        ].join(' '),
      },
      servers: [{ url: '/', description: 'The server that this document comes from.' }],
      tags: apiTags.map(({ name, description }) => ({ name, description: description })),
      paths: pathsOf(),
      components: { securitySchemes },
    },
    { override: tidy },
  );
  return made;
}

function pathsOf(): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const { name: area, operations } of apiTags) {
    for (const [id, operation] of Object.entries(operations)) {
      paths[operation.path] = {
        ...paths[operation.path],
        [operation.method.toLowerCase()]: describeOperation(id, area, operation),
      };
    }
  }
  return paths;
}

/** Answers may get more fields; what zod says of every whole number and time only makes reading hard. */
const tidy: ZodOpenApiOverride = ({ jsonSchema, zodSchema, io }) => {
  const { def } = zodSchema._zod;
  if (io === 'output' && def.type === 'object' && !def.catchall) delete jsonSchema.additionalProperties;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
};
