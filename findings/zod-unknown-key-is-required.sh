#!/bin/sh
# zod 4.4.0, a minor release: an object refuses a missing key whose value may be anything (`z.unknown()`, `z.any()`),
# which 4.3.6 and all before it took. What comes from outside, with a field that is only sometimes there, needs `.optional()`.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund before@npm:zod@4.3.6 after@npm:zod@4.4.0 now@npm:zod@4.6.7
cat >run.mjs <<'JS'
for (const name of ['before', 'after', 'now']) {
  const { z } = await import(name);
  for (const value of [z.unknown(), z.any(), z.unknown().optional()]) {
    const { success, error } = z.object({ key: value }).safeParse({});
    console.log(name, success ? 'taken' : error.issues[0].message);
  }
}
JS
cat >expected <<'TXT'
before taken
before taken
before taken
after Invalid input: expected nonoptional, received undefined
after Invalid input: expected nonoptional, received undefined
after taken
now Invalid input: expected nonoptional, received undefined
now Invalid input: expected nonoptional, received undefined
now taken
TXT
node run.mjs >seen
diff expected seen && echo 'as found: zod 4.3.6, 4.4.0, 4.6.7'
