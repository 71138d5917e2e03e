import { defineConfig } from 'drizzle-kit';

/** For `npm run migrations`, which compares the tables with the migrations and writes the next one. */
export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './drizzle/schema.ts',
    './drizzle/agents.ts',
    './drizzle/launch-secrets.ts',
    './drizzle/resources.ts',
    './drizzle/audit.ts',
    './drizzle/tokens.ts',
    './drizzle/people.ts',
    './drizzle/grants.ts',
    './drizzle/cases.ts',
    './drizzle/schedules.ts',
    './drizzle/webhooks.ts',
    './drizzle/triggers.ts',
  ],
  out: './drizzle/migrations',
});
