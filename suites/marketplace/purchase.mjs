// Buys one piece. From here the nested services are stock-api, orders-api and, two suites down, orders-ledger-api.
import assert from 'node:assert/strict';

const { env } = process;
const at = (name) => `http://${env[`${name}_HOST`]}:${env[`${name}_PORT`]}`;
const json = async (url, method = 'GET') => {
  const answer = await fetch(url, { method });
  return { status: answer.status, body: await answer.json() };
};

const before = await json(at('STOCK_API'));
assert.equal(before.body.pieces, 5);
const order = await json(at('ORDERS_API'), 'POST');
assert.equal(order.status, 201);
await json(at('STOCK_API'), 'DELETE');

assert.equal((await json(at('STOCK_API'))).body.pieces, 4);
// Orders has made one of its own in its smoke test, and its profile "strict" takes no third one.
assert.deepEqual((await json(at('ORDERS_LEDGER_API'))).body, { sum: 200, currency: 'SEK' });
assert.equal((await json(at('ORDERS_API'), 'POST')).status, 429);
console.log(`${env.BUYER} bought one piece`);
