import { openBrowser, signIn } from '../support/browser';
import { chromiumPath } from '../support/requirements';
import type { BenchServer } from './bench-server';

export interface ScrolledPage {
  /** From the request to the last environment in the page. */
  shownMs: number;
  /** The longest task of the page's thread, and all beyond 50 ms of each: while it scrolls, and while it lies open. */
  scrolling: { longestMs: number; blockedMs: number; frames: number };
  open: { longestMs: number; blockedMs: number };
}

const scrollSeconds = 5;
const openSeconds = 10;

/** The page of environments in a real browser; null where there is none. */
export async function scrollPage(server: BenchServer, environments: number): Promise<ScrolledPage | null> {
  if (!chromiumPath) return null;
  const browser = await openBrowser();
  try {
    const { page } = await signIn(browser, server);
    await page.addInitScript(() => {
      const tasks: number[] = [];
      Object.assign(globalThis, { longTasks: tasks });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration);
      }).observe({ type: 'longtask' });
    });
    const startedMs = performance.now();
    await page.goto(`${server.url}/environments`);
    await page.locator('[data-connection="live"]').waitFor();
    await page
      .locator('[data-environment]')
      .nth(environments - 1)
      .waitFor();
    const shownMs = performance.now() - startedMs;
    const takeTasks = () =>
      page.evaluate(() => {
        const tasks: unknown = Reflect.get(globalThis, 'longTasks');
        return Array.isArray(tasks) ? tasks.splice(0).map(Number) : [];
      });
    await page.waitForTimeout(2_000);
    await takeTasks();
    const frames = await page.evaluate(async (seconds) => {
      const main = document.querySelector('main');
      const endMs = performance.now() + seconds * 1000;
      let drawn = 0;
      let way = 24;
      while (main && performance.now() < endMs) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const before = main.scrollTop;
        main.scrollTop += way;
        if (main.scrollTop === before) way = -way;
        drawn += 1;
      }
      return drawn;
    }, scrollSeconds);
    const scrolling = sumUp(await takeTasks());
    await page.waitForTimeout(openSeconds * 1000);
    const open = sumUp(await takeTasks());
    return { shownMs, scrolling: { ...scrolling, frames: frames / scrollSeconds }, open };
  } finally {
    await browser.close();
  }
}

function sumUp(tasks: readonly number[]): { longestMs: number; blockedMs: number } {
  return {
    longestMs: Math.max(0, ...tasks),
    blockedMs: tasks.reduce((sum, ms) => sum + Math.max(0, ms - 50), 0),
  };
}
