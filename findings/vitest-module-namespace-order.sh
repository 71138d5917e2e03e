#!/bin/sh
# Vitest 4.1.12: the keys of a module namespace (`import * as all from './module.mjs'`) are in the order of the source.
# In Node they are sorted by name, as the language says ("Module Namespace Exotic Objects"). A file that a script writes
# from `Object.keys(all)` or `Object.values(all)` therefore differs from what the same code gives inside a test, and a
# test that compares the two fails, or hides an order that production never has. Sort what comes from a namespace.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund vitest@4.1.12
cat >module.mjs <<'JS'
export const list = 1;
export const create = 2;
export const get = 3;
JS
cat >print.mjs <<'JS'
import * as all from './module.mjs';
export const keys = Object.keys(all).join(' ');
JS
cat >order.test.mjs <<'JS'
import { test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { keys } from './print.mjs';
test('prints', () => writeFileSync('in-vitest', keys));
JS
npx vitest run >/dev/null
{
  echo "node: $(node -e "import('./print.mjs').then(({ keys }) => console.log(keys))")"
  echo "vitest: $(cat in-vitest)"
} >seen
cat >expected <<'TXT'
node: create get list
vitest: list create get
TXT
diff expected seen && echo "as found: vitest 4.1.12"
