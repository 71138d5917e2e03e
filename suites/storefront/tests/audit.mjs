// The books: every order has exactly one end, and the card provider was asked for each order's amount and no more.
import { call } from '../shared/http.mjs';
import { read } from '../shared/store-client.mjs';

const orders = (await read('orders')).map(({ value }) => value);
const payments = await settledPayments(orders.length);
const { body } = await call('payments', 7100, 'GET', '/charges');
const mistakes = [];

for (const order of orders) {
  const ends = payments.filter(({ order: id }) => id === order.id);
  const charges = body.charges.filter(({ order: id }) => id === order.id);
  if (ends.length !== 1) mistakes.push(`order ${order.id} ended ${ends.length} times`);
  if (charges.length !== 1) mistakes.push(`order ${order.id} was charged ${charges.length} times`);
  if (charges.some(({ amount }) => amount !== order.price.total)) {
    mistakes.push(`order ${order.id} was charged a wrong amount`);
  }
}

for (const mistake of mistakes) console.error(mistake);
if (mistakes.length > 0) process.exit(1);
console.log(`every one of ${orders.length} orders was charged exactly once`);

/** The worker may still be at it. */
async function settledPayments(count) {
  const settled = [];
  const deadline = Date.now() + 20_000;
  while (settled.length < count && Date.now() < deadline) {
    const entries = await read('payments', { after: settled.length, waitMs: 5_000 });
    settled.push(...entries.map(({ value }) => value));
  }
  return settled;
}
