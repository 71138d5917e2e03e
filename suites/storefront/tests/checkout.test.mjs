// The shop from outside, as a customer's browser would use it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { call } from '../shared/http.mjs';
import { read } from '../shared/store-client.mjs';

const expectedEnd = process.env.EXPECT_PAYMENT ?? 'paid';

describe('checkout', () => {
  it('shows the products of the seed', async () => {
    const { status, body } = await api('GET', '/products');
    assert.equal(status, 200);
    assert.deepEqual(body.products.map(({ sku }) => sku).sort(), ['chair', 'lamp', 'mug', 'pencil']);
  });

  it('prices an order with a coupon', async () => {
    const { status, body } = await place({ lines: [{ sku: 'chair', quantity: 1 }], coupon: 'WELCOME' });
    assert.equal(status, 202);
    assert.deepEqual(body.price, { goods: 12_900, discount: 1_290, shipping: 0, total: 11_610 });
  });

  it('refuses a product that it does not sell', async () => {
    const { status, body } = await place({ lines: [{ sku: 'unicorn', quantity: 1 }] });
    assert.equal(status, 422);
    assert.equal(body.error, 'there is no product unicorn');
  });

  it('takes the same order once, however often it is sent', async () => {
    const key = randomUUID();
    const order = { lines: [{ sku: 'pencil', quantity: 12 }] };
    const answers = await Promise.all([1, 2, 3].map(() => place(order, key)));
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
  });

  it(`ends an order as ${expectedEnd}`, async () => {
    const { body: order } = await place({ lines: [{ sku: 'lamp', quantity: 2 }] });
    // The flaky case. Payment comes later, from the worker, and the first attempt looks too early, at the answer to
    // the order itself: the mistake that such tests are made of. The retry does it right.
    const retried = Number(process.env.GANTRY_ATTEMPT ?? 1) > 1;
    const { state } = retried ? await settledOrder(order.id) : order;
    assert.ok(state === expectedEnd, `expected the order to be ${expectedEnd}, found ${state}`);
  });
});

function place(order, key = randomUUID()) {
  return api('POST', '/orders', { body: order, headers: { 'idempotency-key': key } });
}

function api(method, path, options) {
  return call('api', 8080, method, path, options);
}

async function settledOrder(id) {
  const deadline = Date.now() + 15_000;
  let after = 0;
  while (Date.now() < deadline) {
    for (const { seq, value } of await read('payments', { after, waitMs: 5_000 })) {
      if (value.order === id) return (await api('GET', `/orders/${id}`)).body;
      after = seq;
    }
  }
  assert.fail(`order ${id} was not settled within 15 s`);
}
