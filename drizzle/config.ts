import { defineConfig } from 'drizzle-kit';

/** For `npm run migrations`, which compares schema.ts with the migrations and writes the next one. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './drizzle/schema.ts',
  out: './drizzle/migrations',
});
