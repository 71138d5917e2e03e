#!/bin/sh
# Next 16.4.6 (Turbopack, `next start`): a script of the page's own HTML that a browser drops once is never loaded again.
# The page looks whole, no handler is attached, and no error boundary is shown. A script that is loaded later, by
# `import()`, is requested a second time. Chromium drops what is on its way whenever a network of the machine comes or
# goes (ERR_NETWORK_CHANGED), as with each container network of a local Docker, so this is no rarity for a tool that
# people run beside it. An `error` listener in the head that inserts the script anew cures it.
# Needs a Chromium: CHROMIUM, else `chromium` of the PATH.
set -eu
chromium=${CHROMIUM:-$(command -v chromium)}
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund next@16.4.6 react@19.3.1 react-dom@19.3.1 playwright-core@1.65.1
mkdir app
cat >app/layout.js <<'JS'
export const metadata = { title: 'A page' };
export default ({ children }) => <html lang="en"><body>{children}</body></html>;
JS
cat >app/page.js <<'JS'
import { Counter } from './counter';
export default () => <Counter />;
JS
cat >app/counter.js <<'JS'
'use client';
import { useState } from 'react';
export function Counter() {
  const [text, set] = useState('nothing');
  return <button onClick={() => import('./later').then(({ word }) => set(word))}>{text}</button>;
}
JS
echo "export const word = 'heard, and loaded later';" >app/later.js
export NEXT_TELEMETRY_DISABLED=1
npx next build >build.log 2>&1 || { cat build.log; exit 1; }
port=$(node -e "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
node node_modules/next/dist/bin/next start -H 127.0.0.1 -p "$port" >start.log 2>&1 &
server=$!
until grep -q 'Ready in' start.log; do sleep 0.2; done
cat >look.mjs <<'JS'
import { chromium } from 'playwright-core';
const [executablePath, url] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
/** Drops once what `drops` says; what the button says after a click. */
async function look(name, drops) {
  const page = await browser.newPage();
  const requested = new Map();
  let isInitial = true;
  await page.route(/\/_next\/static\/.*\.js/, (route) => {
    const file = route.request().url();
    const count = (requested.get(file) ?? 0) + 1;
    requested.set(file, count);
    return count === 1 && drops(isInitial) ? route.abort('failed') : route.continue();
  });
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForTimeout(3_000);
  isInitial = false;
  await page.locator('button').click();
  await page.waitForTimeout(3_000);
  const again = [...requested.values()].some((count) => count > 1);
  console.log(`${name}: ${await page.locator('button').textContent()}; requested again: ${again ? 'yes' : 'no'}`);
  await page.close();
}
await look('nothing dropped', () => false);
await look('a later script dropped once', (isInitial) => !isInitial);
await look('the first scripts dropped once', (isInitial) => isInitial);
await browser.close();
JS
node look.mjs "$chromium" "http://127.0.0.1:$port/" >seen
cat >expected <<'TXT'
nothing dropped: heard, and loaded later; requested again: no
a later script dropped once: heard, and loaded later; requested again: yes
the first scripts dropped once: nothing; requested again: no
TXT
diff expected seen && echo "as found: next 16.4.6"
