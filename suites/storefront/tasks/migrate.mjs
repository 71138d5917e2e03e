// Applies what is in migrations/ and was not applied before, in order of name.
import { readdir, readFile } from 'node:fs/promises';
import { append, createStream, read } from '../shared/store-client.mjs';

await createStream('migrations');
const applied = new Set((await read('migrations')).map(({ value }) => value.name));
const folder = new URL('../migrations/', import.meta.url);

for (const name of (await readdir(folder)).sort()) {
  if (applied.has(name)) continue;
  const { create } = JSON.parse(await readFile(new URL(name, folder), 'utf8'));
  for (const stream of create) await createStream(stream);
  await append('migrations', { name });
  console.log(`applied ${name}`);
}
console.log('migrations are complete');
