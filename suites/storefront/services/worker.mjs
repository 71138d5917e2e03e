// The worker: follows the stream of orders, charges each one once and writes down how it ended. It has no port;
// Gantry knows by a line of its output that it is ready.
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../shared/http.mjs';
import { append, read } from '../shared/store-client.mjs';

const attempts = 3;
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());

// What an earlier worker has settled is not charged again.
const settled = new Set((await read('payments')).map(({ value }) => value.order));
let after = 0;
console.log('worker follows the orders');

while (!stopping.signal.aborted) {
  const entries = await Promise.race([read('orders', { after, waitMs: 5_000 }), stopped()]);
  for (const { seq, value: order } of entries) {
    if (stopping.signal.aborted) break;
    if (!settled.has(order.id)) await settle(order);
    after = seq;
  }
}
console.log('worker stops');
process.exit(0);

async function settle(order) {
  const state = await charge(order);
  await append('payments', { order: order.id, amount: order.price.total, state });
  settled.add(order.id);
  console.log(`order ${order.id} is ${state}`);
}

async function charge(order) {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const { status, body } = await call('payments', 7100, 'POST', '/charges', {
      body: { order: order.id, amount: order.price.total },
      headers: { 'idempotency-key': order.id },
    });
    if (status === 201) return 'paid';
    if (status === 402) return 'declined';
    console.error(`charge of order ${order.id}, try ${attempt} of ${attempts}: ${status} ${body.error}`);
    if (attempt < attempts) await sleep(100 * 2 ** attempt);
  }
  return 'payment_failed';
}

function stopped() {
  return new Promise((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve([]), { once: true });
  });
}
