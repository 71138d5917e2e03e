// Runs only when checkout has failed: what the store holds and what the card provider was asked, for whoever looks
// into it tomorrow.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { call } from '../shared/http.mjs';
import { read } from '../shared/store-client.mjs';

const dump = { charges: (await call('payments', 7100, 'GET', '/charges')).body.charges };
for (const stream of ['products', 'orders', 'payments']) dump[stream] = await read(stream);
await writeFile(path.join(process.env.GANTRY_ARTIFACTS, 'store.json'), `${JSON.stringify(dump, null, 2)}\n`);

console.log(`${dump.orders.length} orders, ${dump.charges.length} charges`);
for (const { value } of dump.payments) console.log(`order ${value.order} ended as ${value.state}`);
