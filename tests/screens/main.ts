// Takes the pictures in docs/screens from a running Gantry: `npm run screens [-- PREFIX…]`. Needs Docker and Chromium.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import sharp from 'sharp';
import { openBrowser, signIn, visit } from '../support/browser';
import { startGantry } from '../support/server';
import { fill } from './fill';
import { emptyShots, liveShots, pageShots, type Shot } from './shots';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = path.join(root, 'docs', 'screens');
const maxBytes = 150_000;

const looks: Record<string, BrowserContextOptions> = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true },
};

const prefixes = process.argv.slice(2);
const gantry = await startGantry({
  env: { DATABASE_URL: '', GANTRY_SUITES: path.join(root, 'suites'), GANTRY_PROCESS_BACKEND: '0' },
});
const browser = await openBrowser();
try {
  await mkdir(target, { recursive: true });
  if (prefixes.length === 0)
    for (const name of await readdir(target)) if (name.endsWith('.webp')) await rm(path.join(target, name));
  for (const look of Object.keys(looks)) await takeAll(browser, look, emptyShots);
  const filled = await fill(gantry);
  for (const look of Object.keys(looks)) {
    await takeAll(browser, look, pageShots(filled.ended));
    const runs = await filled.startLive();
    await takeAll(browser, look, liveShots(runs));
    await filled.endLive(runs);
  }
} finally {
  await browser.close();
  await gantry.stop();
}

function isWanted({ name }: Shot): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix));
}

async function takeAll(opened: Browser, look: string, all: readonly Shot[]): Promise<void> {
  const shots = all.filter(isWanted);
  if (shots.length === 0) return;
  const { page, context } = await signIn(opened, gantry, { reducedMotion: 'reduce', ...looks[look] });
  page.setDefaultTimeout(20_000);
  for (const shot of shots) {
    try {
      await take(page, shot, look);
    } catch (error) {
      console.error(`✕ ${shot.name}-${look}: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
  await context.close();
}

async function take(page: Page, { name, place, act }: Shot, look: string): Promise<void> {
  await page.context().setOffline(false);
  await visit(page, gantry.url + place);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined);
  await act?.(page, look === 'phone');
  // Fonts, and what is drawn a moment later.
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await page.waitForTimeout(700);
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  const small = await sharp(png).webp({ quality: 82, smartSubsample: true, effort: 6 }).toBuffer();
  if (small.length > maxBytes) throw new Error(`it has ${small.length} bytes, at most ${maxBytes}`);
  await writeFile(path.join(target, `${name}-${look}.webp`), small);
  console.log(`✓ ${name}-${look} ${Math.round(small.length / 1000)} kB`);
}
