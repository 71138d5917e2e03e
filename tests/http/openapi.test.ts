import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '@/lib/http/openapi/document';
import { namedSchemas } from '@/lib/http/openapi/schemas';
import { apiTags } from '@/lib/http/operations/tags';
import type { Route } from '@/lib/http/route';
import { errorStatus } from '@/lib/model/errors';
import { findApiRoutes } from '../support/api-routes';

const document = openApiDocument();
const operations = apiTags.flatMap((area) => Object.entries(area.operations));
const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

/** Every handler below `app/api/v1`, by its method and its path as OpenAPI has it. */
async function routes(): Promise<Map<string, Route>> {
  const found = (await findApiRoutes()).filter((route) => route.path.startsWith('/api/v1/'));
  return new Map(
    found.flatMap(({ path, handlers }) =>
      [...handlers].map(([method, handler]) => [nameOf({ method, path }), handler] as const),
    ),
  );
}

/** Every operation of the document. */
const described = Object.entries(document.paths ?? {}).flatMap(([at, item]) =>
  Object.entries(item).map(([method, operation]) => ({
    name: nameOf({ method: method.toUpperCase(), path: at }),
    operation,
  })),
);

describe('The OpenAPI document', () => {
  it('is valid, and every reference leads somewhere', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate({ ...structuredClone(document) });
    expect([valid, errors]).toEqual([true, undefined]);
    expect(validator.version).toBe('3.1');
    const schemas = Object.keys(document.components?.schemas ?? {});
    expect(schemas).toEqual(expect.arrayContaining(references()));
  });

  it('names every route and method below /api/v1, and none that is not there', async () => {
    const there = [...(await routes()).keys()].sort();
    expect(there.length).toBeGreaterThan(50);
    expect(described.map(({ name }) => name).sort()).toEqual(there);
  });

  it('says what the routes are made of', async () => {
    const found = await routes();
    for (const [, operation] of operations) {
      expect([nameOf(operation), found.get(nameOf(operation))?.options === operation]).toEqual([
        nameOf(operation),
        true,
      ]);
    }
  });

  it('gives each operation an id of its own, and says in words what it does', () => {
    const ids = described.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(operations.length);
    expect(ids.every((id) => /^[a-z]+([A-Z][a-z]*)+$/.test(id ?? ''))).toBe(true);
    const summaries = described.map(({ operation }) => operation.summary);
    expect(new Set(summaries).size).toBe(operations.length);
  });

  it('uses every schema that it has a name for', () => {
    const used = new Set(references());
    expect(Object.keys(document.components?.schemas ?? {}).filter((name) => !used.has(name))).toEqual([]);
    expect(Object.keys(namedSchemas)).toEqual(
      expect.arrayContaining(['LaunchSuite', 'ExecutionSummary', 'Problem']),
    );
  });

  it('has a problem for every refusal, with the closed list of codes', () => {
    for (const { operation } of described) {
      for (const [status, answer] of Object.entries(operation.responses)) {
        if (status !== 'default' && Number(status) < 400) continue;
        const isReadiness = operation.operationId?.startsWith('getReadiness') && status === '503';
        const type = isReadiness ? 'application/json' : 'application/problem+json';
        expect(answer).toMatchObject({ content: { [type]: expect.anything() } });
      }
    }
    expect(document.components?.schemas?.Problem).toMatchObject({
      properties: { code: { enum: Object.keys(errorStatus) } },
    });
  });
});

/** The names of the schemas that are referred to, each once. */
function references(): string[] {
  const found = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
  return [...new Set([...found].map(([, name = '']) => name))];
}
