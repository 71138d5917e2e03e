import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { maxRuns } from '@/app/(console)/suites/runs-of-suite';
import { readCase } from '@/lib/http/case-details';
import { visibleAgents, visibleInventory, withRights } from '@/lib/http/visible';
import { authenticateCookie } from '@/lib/identity/authenticate';
import { sessionCookieName } from '@/lib/identity/session-cookie';
import { type SuiteAccess, suiteAccessOf } from '@/lib/identity/suite-access';
import type { AgentSummary } from '@/lib/model/agent';
import type { CaseDetails } from '@/lib/model/cases/case-views';
import type { Inventory } from '@/lib/model/environment';
import { AppError } from '@/lib/model/errors';
import type { Execution } from '@/lib/model/execution';
import type { Overview } from '@/lib/model/launch';
import type { SuiteDetailsAnswer, SuiteRun, SuiteSummaryAnswer } from '@/lib/model/suite-details';
import { type SuiteRight, suiteRights } from '@/lib/model/suite-right';
import { getServer, type Server } from '@/lib/server';

/*
 * Everything that a page shows is read here, and nowhere else in `app`: a layout is not rendered again when a browser
 * goes from page to page, so a check in a layout guards nothing.
 */

export interface Person {
  name: string;
  role: 'viewer' | 'member' | 'admin';
}

/** The person who is signed in; everyone else is sent to /sign-in. Every page, metadata and server action awaits it. */
export const requirePerson = cache(async (): Promise<Person> => {
  const { name, role } = await requirePrincipal();
  return { name, role };
});

const requirePrincipal = cache(async () => {
  // Before the server: a build that tries to render a page ends here, and starts nothing.
  const sent = await cookies();
  const server = await getServer();
  const cookie = sent.get(sessionCookieName(server))?.value;
  const principal = cookie ? await authenticateCookie(server, cookie) : null;
  if (!principal || principal.role === 'agent') redirect('/sign-in');
  return { ...principal, role: principal.role };
});

/** The person's rights to suites. Every page filters what it shows by them. */
const readSuiteAccess = cache(async (): Promise<SuiteAccess> => {
  const principal = await requirePrincipal();
  return suiteAccessOf(principal, await (await getServer()).store.grants.list());
});

export const readOverview = forPeople(
  ({ overviews }, { scope }): Promise<Overview> => overviews(scope).current(),
);

export const readAgents = forPeople(
  async ({ store, config }, suites): Promise<AgentSummary[]> =>
    visibleAgents(store, await store.agents.list(3 * config.agentHeartbeatMs), suites),
);

export const readEnvironments = forPeople(
  async ({ engine }, suites): Promise<Inventory> =>
    visibleInventory(await engine.environments.take(), suites),
);

/** Null when there is no such execution. */
export const readExecution = forPeople(async ({ store }, suites, id: string): Promise<Execution | null> => {
  const execution = await store.executions.get(id);
  return execution && suites.may('see', execution.suite.id) ? execution : null;
});

/** Null when there is no such case. */
export const readTestCase = forPeople(async ({ store }, access, id: string): Promise<CaseDetails | null> => {
  try {
    const found = await readCase(store.cases, id, access);
    return access.may('see', found.suiteId) ? found : null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'case_not_found') return null;
    throw error;
  }
});

/** What the person may do with a suite, its executions and their environments. */
export const readRights = forPeople(
  async (_server, access, suiteId: string): Promise<SuiteRight[]> =>
    suiteRights.filter((right) => access.may(right, suiteId)),
);

/** All suites, and the newest runs of each: one more than is drawn, because the newest may be running. */
export const readSuites = forPeople(
  async ({ store, suites }, access): Promise<{ items: SuiteSummaryAnswer[]; runs: SuiteRun[] }> => {
    const items = (await suites.list())
      .filter(({ id }) => access.may('see', id))
      .map((suite) => withRights(suite, access));
    const ids = items.map(({ id }) => id);
    return { items, runs: await store.executions.runsOf(ids, maxRuns + 1) };
  },
);

/** Null when there is no such suite. */
export const readSuite = forPeople(
  async (
    { store, suites },
    access,
    id: string,
  ): Promise<{ suite: SuiteDetailsAnswer; runs: SuiteRun[] } | null> => {
    if (!access.may('see', id)) return null;
    const suite = await suites.get(id).catch((error: unknown): null => {
      if (error instanceof AppError && error.code === 'suite_not_found') return null;
      throw error;
    });
    return (
      suite && {
        suite: withRights(suite, access),
        runs: await store.executions.runsOf([suite.id], maxRuns + 1),
      }
    );
  },
);

/** Null when there is no such suite. */
export const readSuiteTitle = forPeople(async ({ catalog }, access, id: string): Promise<string | null> => {
  if (!access.may('see', id)) return null;
  const entry = await catalog.get(id);
  return entry && (entry.suite?.title ?? entry.id);
});

/** A reader that nobody can call who is not signed in. */
function forPeople<Place extends unknown[], T>(
  read: (server: Server, access: SuiteAccess, ...place: Place) => Promise<T>,
): (...place: Place) => Promise<T> {
  return async (...place) => {
    const access = await readSuiteAccess();
    return read(await getServer(), access, ...place);
  };
}
