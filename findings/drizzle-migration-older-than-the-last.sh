#!/bin/sh
# drizzle-orm 0.45.4: a migration whose `when` in the journal is older than that of the last one that ran is never run,
# without a word, and migrate() succeeds. Two branches that each generate a migration and are merged in the other order
# leave databases that ran the younger one first without the older one's columns.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund drizzle-orm@0.45.4 @electric-sql/pglite@0.5.17
mkdir -p migrations/meta
echo 'create table carts (id text);' >migrations/0000_carts.sql
echo 'create table orders (id text);' >migrations/0001_orders.sql
echo 'create table refunds (id text);' >migrations/0002_refunds.sql
cat >run.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';

const database = new PGlite();
async function migrateTo(...entries) {
  const journal = entries.map(([tag, when], idx) => ({ idx, version: '7', when, tag, breakpoints: true }));
  const text = JSON.stringify({ version: '7', dialect: 'postgresql', entries: journal });
  writeFileSync('migrations/meta/_journal.json', text);
  await migrate(drizzle(database), { migrationsFolder: 'migrations' });
  const { rows } = await database.query(
    "select string_agg(table_name, ' ' order by table_name) as names from information_schema.tables where table_schema = 'public'",
  );
  console.log(rows[0].names);
}
// One branch: two migrations. Then the other branch's is merged, which was generated between them.
await migrateTo(['0000_carts', 1000], ['0001_orders', 3000]);
await migrateTo(['0000_carts', 1000], ['0001_orders', 3000], ['0002_refunds', 2000]);
await migrateTo(['0000_carts', 1000], ['0001_orders', 3000], ['0002_refunds', 4000]);
JS
node run.mjs >seen
cat >expected <<'TXT'
carts orders
carts orders
carts orders refunds
TXT
diff expected seen && echo "as found: drizzle-orm 0.45.4"
