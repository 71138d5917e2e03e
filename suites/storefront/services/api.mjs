// The shop's API: products, and orders that are accepted at once and paid later by the worker.
import { randomUUID } from 'node:crypto';
import { serve } from '../shared/http.mjs';
import { priceOrder } from '../shared/pricing.mjs';
import { append, read } from '../shared/store-client.mjs';

const orderByKey = new Map();

await serve('api', 8080, {
  'GET /healthz': () => ({ status: 200, body: { ok: true } }),
  'GET /products': async () => ({ status: 200, body: { products: await products() } }),
  'GET /products/:sku': async ({ params }) => {
    const product = (await products()).find(({ sku }) => sku === params.sku);
    if (!product) return { status: 404, body: { error: `there is no product ${params.sku}` } };
    return { status: 200, body: product };
  },
  'POST /orders': ({ body, headers }) => placeOnce(headers['idempotency-key'] ?? randomUUID(), body),
  'GET /orders/:id': async ({ params }) => {
    const placed = (await read('orders')).find(({ value }) => value.id === params.id);
    if (!placed) return { status: 404, body: { error: `there is no order ${params.id}` } };
    const payment = (await read('payments')).find(({ value }) => value.order === params.id);
    return { status: 200, body: { ...placed.value, state: payment?.value.state ?? 'placed' } };
  },
});
console.log('api takes orders');

async function products() {
  return (await read('products')).map(({ value }) => value);
}

/** The same key gives the same order, also while the first request is still on its way. */
function placeOnce(key, body) {
  const known = orderByKey.get(key);
  if (known) return known;
  const placing = place(body);
  orderByKey.set(key, placing);
  placing.then(
    ({ status }) => status !== 202 && orderByKey.delete(key),
    () => orderByKey.delete(key),
  );
  return placing;
}

async function place({ lines = [], coupon }) {
  const known = new Map((await products()).map((product) => [product.sku, product]));
  const missing = lines.find(({ sku }) => !known.has(sku));
  if (missing) return { status: 422, body: { error: `there is no product ${missing.sku}` } };
  const order = { id: randomUUID(), lines };
  try {
    order.price = priceOrder(
      lines.map(({ sku, quantity }) => ({ price: known.get(sku).price, quantity })),
      coupon,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { status: 422, body: { error: error.message } };
  }
  await append('orders', order);
  return { status: 202, body: { ...order, state: 'placed' } };
}
