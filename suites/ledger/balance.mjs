// The books are empty at first, and speak the currency that was asked for.
import assert from 'node:assert/strict';

const answer = await fetch(`http://${process.env.API_HOST}:${process.env.API_PORT}/`);
assert.deepEqual(await answer.json(), { sum: 0, currency: process.env.CURRENCY });
console.log(`the books are kept in ${process.env.CURRENCY}`);
