// A mock of the card provider: it takes as long as one, and remembers what it was asked.
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../shared/http.mjs';

const latencyMs = Number(process.env.PAYMENTS_LATENCY_MS ?? 300);
const answer = process.env.PAYMENTS_ANSWER ?? 'approve';
const charges = [];

await serve('payments', 7100, {
  'GET /healthz': () => ({ status: 200, body: { ok: true, answer } }),
  'POST /charges': async ({ body, headers }) => {
    await sleep(latencyMs);
    charges.push({ order: body.order, amount: body.amount, key: headers['idempotency-key'], answer });
    console.log(`charge of ${body.amount} for ${body.order}: ${answer}`);
    if (answer === 'approve') return { status: 201, body: { state: 'approved' } };
    if (answer === 'decline')
      return { status: 402, body: { state: 'declined', error: 'insufficient funds' } };
    return { status: 503, body: { error: 'the card network is down' } };
  },
  'GET /charges': () => ({ status: 200, body: { charges } }),
});
