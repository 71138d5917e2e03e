// An order is taken and stands in the books. `api` is this suite's own, whatever other suites call theirs.
import assert from 'node:assert/strict';

const answer = await fetch(`http://${process.env.API_HOST}:${process.env.API_PORT}/`, { method: 'POST' });
assert.equal(answer.status, 201);
const { books } = await answer.json();
assert.equal(books.sum, 100);
console.log(`one order is in the books, in ${books.currency}`);
