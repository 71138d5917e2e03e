// Writes the day's ledger: one line an order.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { read } from '../shared/store-client.mjs';

const payments = new Map((await read('payments')).map(({ value }) => [value.order, value.state]));
const lines = (await read('orders')).map(({ value: { id, price } }) =>
  [id, price.goods, price.discount, price.shipping, price.total, payments.get(id) ?? 'placed'].join(','),
);
const file = path.join(process.env.GANTRY_ARTIFACTS, 'ledger.csv');
await writeFile(file, `${['order,goods,discount,shipping,total,state', ...lines].join('\n')}\n`);
console.log(`${lines.length} orders are in the ledger`);
