#!/bin/sh
# zod 4.6.7: `z.toJSONSchema(schema, { io: 'input' })` drops `examples` that stand beside a transform, without a word,
# and keeps a `description` that stands in the same place.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7
cat >run.mjs <<'JS'
import { z } from 'zod';
const told = { description: 'a duration', examples: ['30s'] };
const show = (schema) => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  console.log(JSON.stringify(rest));
};
show(z.string().meta(told));
show(z.string().transform((text) => text.length).meta(told));
show(z.string().meta(told).transform((text) => text.length));
JS
cat >expected <<'TXT'
{"type":"string","description":"a duration","examples":["30s"]}
{"description":"a duration","type":"string"}
{"type":"string","description":"a duration","examples":["30s"]}
TXT
node run.mjs >seen
diff expected seen && echo "as found: zod 4.6.7"
