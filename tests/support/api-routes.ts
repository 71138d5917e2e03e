import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Route } from '@/lib/http/route';

export interface ApiRoute {
  /** As OpenAPI writes it. */
  path: string;
  takesSlashes: boolean;
  /** By method. */
  handlers: Map<string, Route>;
}

/** Every route module of the application, but for the one that answers whatever no other does. */
export async function findApiRoutes(): Promise<ApiRoute[]> {
  const app = fileURLToPath(new URL('../../app', import.meta.url));
  const files = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter(
    (file) => path.basename(file) === 'route.ts' && !file.startsWith('api/[...'),
  );
  return Promise.all(
    files.map(async (file) => {
      const module: Record<string, Route> = await import(path.join(app, file));
      return {
        path: `/${path.dirname(file).replace(/\[(?:\.\.\.)?(\w+)\]/g, '{$1}')}`,
        takesSlashes: file.includes('[...'),
        handlers: new Map(Object.entries(module).filter(([name]) => /^[A-Z]+$/.test(name))),
      };
    }),
  );
}
