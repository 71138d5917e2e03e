// A test: it reaches the greeter by the address that Gantry gives to every step.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const greeter = `http://${process.env.GREETER_HOST ?? 'greeter'}:${process.env.GREETER_PORT ?? 8080}`;

test('it greets the world', async () => {
  const response = await fetch(`${greeter}/greeting`);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { text: 'Hello, world!' });
});

test('it greets by name', async () => {
  const response = await fetch(`${greeter}/greeting?name=Ada`);
  assert.deepEqual(await response.json(), { text: 'Hello, Ada!' });
});

test('it knows no other path', async () => {
  const response = await fetch(`${greeter}/farewell`);
  assert.equal(response.status, 404);
});
