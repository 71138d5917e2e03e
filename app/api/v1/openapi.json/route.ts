import { openApiDocument } from '@/lib/http/openapi/document';
import { getOpenApi } from '@/lib/http/operations/platform';
import { route } from '@/lib/server';

export const GET = route(getOpenApi, async () => Response.json(openApiDocument()));
