// What an order costs, in cents. Pure; tests/pricing.test.mjs covers it, and its coverage is exported.

const freeShippingFrom = 5_000;
const shipping = 490;

/** @param lines `{ price, quantity }` @param coupon a code, if the customer has one */
export function priceOrder(lines, coupon) {
  if (lines.length === 0) throw new RangeError('an order needs at least one line');
  const goods = lines.reduce((sum, line) => sum + linePrice(line), 0);
  const discount = discountOf(goods, coupon);
  const sent = goods - discount >= freeShippingFrom ? 0 : shipping;
  return { goods, discount, shipping: sent, total: goods - discount + sent };
}

function linePrice({ price, quantity }) {
  if (!Number.isInteger(quantity) || quantity < 1) {
    throw new RangeError(`expected a quantity of at least 1, found ${quantity}`);
  }
  // From ten of one thing on, one in ten is free.
  return price * (quantity - Math.floor(quantity / 10));
}

function discountOf(goods, coupon) {
  if (!coupon) return 0;
  if (coupon === 'WELCOME') return Math.round(goods * 0.1);
  if (coupon === 'LOYAL') {
    if (goods < 10_000) {
      return 500;
    }
    return 2_000;
  }
  throw new RangeError(`there is no coupon ${coupon}`);
}
