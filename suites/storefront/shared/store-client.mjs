// How the storefront's programs use the store service.
import { call } from './http.mjs';

const port = 7000;

export async function append(stream, value) {
  const { status, body } = await call('store', port, 'POST', `/streams/${stream}`, { body: value });
  if (status !== 201) throw new Error(`the store refused an entry of ${stream}: ${status} ${body.error}`);
  return body.seq;
}

/** Entries after a position, `{ seq, value }`; waits up to `waitMs` for the first one. */
export async function read(stream, { after = 0, waitMs = 0 } = {}) {
  const path = `/streams/${stream}?after=${after}&wait=${waitMs}`;
  const { status, body } = await call('store', port, 'GET', path, { timeoutMs: waitMs + 10_000 });
  if (status !== 200) throw new Error(`the store could not read ${stream}: ${status} ${body.error}`);
  return body.entries;
}

export async function createStream(stream) {
  const { status, body } = await call('store', port, 'PUT', `/streams/${stream}`);
  if (status !== 200 && status !== 201) throw new Error(`the store did not create ${stream}: ${body.error}`);
}
