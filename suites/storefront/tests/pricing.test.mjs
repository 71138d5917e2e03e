// Prices, without anything running. The case of a small order with the coupon LOYAL is left out, so that the
// coverage has something to show.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { priceOrder } from '../shared/pricing.mjs';

describe('pricing', () => {
  it('adds shipping to a small order', () => {
    const price = priceOrder([{ price: 1_250, quantity: 2 }]);
    assert.deepEqual(price, { goods: 2_500, discount: 0, shipping: 490, total: 2_990 });
  });

  it('sends a large order for nothing', () => {
    assert.equal(priceOrder([{ price: 5_000, quantity: 1 }]).shipping, 0);
  });

  it('gives one in ten', () => {
    assert.equal(priceOrder([{ price: 100, quantity: 25 }]).goods, 2_300);
  });

  it('takes ten per cent off for newcomers, and charges shipping by what is left', () => {
    const price = priceOrder([{ price: 5_000, quantity: 1 }], 'WELCOME');
    assert.deepEqual(price, { goods: 5_000, discount: 500, shipping: 490, total: 4_990 });
  });

  it('takes more off a large order of a loyal customer', () => {
    assert.equal(priceOrder([{ price: 5_000, quantity: 2 }], 'LOYAL').discount, 2_000);
  });

  it('refuses an empty order, a coupon that it does not know and a strange quantity', () => {
    assert.throws(() => priceOrder([]), /at least one line/);
    assert.throws(() => priceOrder([{ price: 1, quantity: 1 }], 'GRATIS'), /no coupon GRATIS/);
    assert.throws(() => priceOrder([{ price: 1, quantity: 0.5 }]), /found 0.5/);
  });
});
