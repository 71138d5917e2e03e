import type { Page } from 'playwright';
import type { EndedRuns, LiveRuns } from './fill';

/** One page in one state. */
export interface Shot {
  name: string;
  place: string;
  /** Brings the page into the state. */
  act?: (page: Page, isPhone: boolean) => Promise<unknown>;
}

const key = (keys: string) => (page: Page) => page.keyboard.press(keys);
const shows = (text: string) => (page: Page) => page.getByText(text).first().waitFor();

/** Those of a Gantry that has just been started. */
export const emptyShots: Shot[] = [
  { name: 'overview-empty', place: '/' },
  { name: 'executions-empty', place: '/executions', act: shows('Nothing has run yet') },
  { name: 'cases-empty', place: '/cases' },
  { name: 'schedules-empty', place: '/schedules' },
  { name: 'environments-empty', place: '/environments' },
  { name: 'agents-empty', place: '/agents' },
];

/** What runs, while it does. */
export function liveShots({ live, chatty }: LiveRuns): Shot[] {
  return [
    { name: 'run-live', place: `/executions/${live}` },
    {
      name: 'run-cancel',
      place: `/executions/${live}`,
      act: (page) => page.getByRole('button', { name: 'Cancel', exact: true }).click(),
    },
    { name: 'run-live-graph', place: `/executions/${live}?view=graph` },
    { name: 'run-live-all-output', place: `/executions/${live}?step=*` },
    { name: 'run-live-million-lines', place: `/executions/${chatty}` },
    { name: 'overview', place: '/' },
    { name: 'environments', place: '/environments' },
    { name: 'executions', place: '/executions' },
  ];
}

export function pageShots({ passed, failed, testCase }: EndedRuns): Shot[] {
  const search = async (page: Page, text: string) => {
    await page.getByRole('button', { name: 'Regular expression' }).click();
    await page.getByRole('searchbox', { name: 'Search the output' }).fill(text);
  };
  return [
    { name: 'executions-filters', place: '/executions?branch=fix/timeouts&status=failed', act: openFilters },
    {
      name: 'executions-none',
      place: '/executions?q=nothing-like-that',
      act: shows('No execution is like that'),
    },
    { name: 'run-failed', place: `/executions/${failed}` },
    { name: 'run-failed-step', place: `/executions/${failed}?step=exit-code` },
    { name: 'run-failed-what-ran', place: `/executions/${failed}?step=exit-code&tab=ran` },
    { name: 'run-failed-graph', place: `/executions/${failed}?view=graph` },
    { name: 'run-passed', place: `/executions/${passed}` },
    { name: 'run-passed-cases', place: `/executions/${passed}?tab=cases` },
    { name: 'run-passed-files', place: `/executions/${passed}?tab=artifacts` },
    { name: 'run-passed-environment', place: `/executions/${passed}?tab=environment` },
    { name: 'run-passed-events', place: `/executions/${passed}?tab=events` },
    {
      name: 'run-search',
      place: `/executions/${passed}?step=*`,
      act: async (page) => {
        await search(page, '^(booked|one order).*SEK');
        await page
          .getByRole('status')
          .filter({ hasText: / lines?$/ })
          .waitFor();
      },
    },
    {
      name: 'run-search-mistake',
      place: `/executions/${passed}?step=*`,
      act: async (page) => {
        await search(page, 'order (paid|created');
        await page.getByText('The pattern is not valid').waitFor();
      },
    },
    { name: 'launch', place: '/launch?suite=orders' },
    { name: 'suites', place: '/suites' },
    { name: 'suite-graph', place: '/suites/orders' },
    { name: 'suite-steps', place: '/suites/orders?tab=steps' },
    { name: 'suite-profiles', place: '/suites/orders?tab=profiles' },
    { name: 'suite-files', place: '/suites/orders?tab=files' },
    { name: 'suite-runs', place: '/suites/orders?tab=runs' },
    { name: 'suite-tests', place: '/suites/orders?tab=tests' },
    { name: 'cases', place: '/cases' },
    ...(testCase ? [{ name: 'case', place: `/cases/${encodeURIComponent(testCase)}` }] : []),
    ...settingsShots(),
    { name: 'schedules', place: '/schedules' },
    { name: 'agents', place: '/agents' },
    { name: 'not-found', place: '/nothing' },
    { name: 'palette', place: '/', act: key('Control+k') },
    { name: 'shortcuts', place: '/', act: key('?') },
    {
      name: 'offline',
      place: '/executions',
      act: async (page) => {
        await page.context().setOffline(true);
        await page.getByRole('navigation', { name: 'Main' }).getByTitle('Agents').click();
        await page.locator('[data-offline]').waitFor();
      },
    },
  ];
}

async function openFilters(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More filters' }).click();
  await page.getByRole('button', { name: 'Apply' }).waitFor();
}

function settingsShots(): Shot[] {
  const tabs = ['backends', 'people', 'rights', 'sessions', 'tokens', 'webhooks', 'triggers', 'audit'];
  return tabs.map((tab) => ({ name: `settings-${tab}`, place: `/settings?tab=${tab}` }));
}
