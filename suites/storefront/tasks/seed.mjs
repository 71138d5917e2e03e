// Puts the products on the shelf, once.
import { append, read } from '../shared/store-client.mjs';

const products = [
  { sku: 'mug', title: 'Mug', price: 1_250 },
  { sku: 'lamp', title: 'Lamp', price: 4_900 },
  { sku: 'chair', title: 'Chair', price: 12_900 },
  { sku: 'pencil', title: 'Pencil', price: 120 },
];

const known = new Set((await read('products')).map(({ value }) => value.sku));
for (const product of products) if (!known.has(product.sku)) await append('products', product);
console.log(`${products.length} products are on the shelf, ${known.size} of them were there before`);
