import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { apiFetch, newIdempotencyKey } from '@/app/_components/api';
import { reauthenticateWith } from '@/app/_components/reauthenticate';

afterEach(() => vi.unstubAllGlobals());

type Answer = () => Response | Promise<Response>;

const away: Answer = () => Promise.reject(new TypeError('Failed to fetch'));
const cutOff: Answer = () =>
  new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError('network error')) }));
const answers =
  (status: number, body: object | null = null): Answer =>
  () =>
    new Response(body && JSON.stringify(body), { status });

/** What is sent is answered with one after the other, and with the last one from then on. */
function answerWith(...list: Answer[]): RequestInit[] {
  const sent: RequestInit[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    sent.push(init);
    return list[Math.min(sent.length, list.length) - 1]?.();
  });
  return sent;
}

const outcomeOf = (init: Parameters<typeof apiFetch>[1]) =>
  apiFetch('/api/v1/executions', init).then(
    (value) => value,
    (error: Error) => error.message,
  );

describe('a request of a page', () => {
  it('may have been carried out where nothing answers; what only reads does not say so', async () => {
    answerWith(away);
    const reading = 'Gantry does not answer. It may be restarting, or this machine is offline.';
    const doubt = `${reading} The request may or may not have been carried out; check before you retry.`;
    expect(
      await Promise.all([
        outcomeOf({ method: 'POST', body: {} }),
        outcomeOf({ method: 'DELETE' }),
        outcomeOf({}),
        outcomeOf({ method: 'POST', body: {}, isReading: true }),
      ]),
    ).toEqual([doubt, doubt, reading, reading]);
  });

  it('that nobody wants any more is not sent again', async () => {
    const left = new AbortController();
    const sent = answerWith(() => {
      left.abort();
      return Promise.reject(new TypeError('Failed to fetch'));
    });
    await expect(apiFetch('/api/v1/executions', { signal: left.signal })).rejects.toBe(left.signal.reason);
    expect(sent).toEqual([expect.objectContaining({ signal: left.signal })]);
  });

  it.each([
    ['one that reads', {}, 3],
    ['one that writes all of something', { method: 'PUT', body: {} }, 3],
    ['a launch with its key', { method: 'POST', body: {}, idempotencyKey: newIdempotencyKey() }, 3],
    ['one that makes something', { method: 'POST', body: {} }, 1],
  ] as const)('%s is sent again only where that does nothing twice', async (_, init, times) => {
    const sent = answerWith(away, cutOff, answers(200, { id: 'it' }));
    const outcome = await outcomeOf(init);
    expect(sent).toHaveLength(times);
    expect(new Set(sent.map((each) => JSON.stringify(each))).size).toBe(1);
    if (times === 3) expect(outcome).toEqual({ id: 'it' });
    else expect(outcome).toContain('does not answer');
  });

  it('a removal whose answer was lost has been carried out; one of what is not there is refused', async () => {
    const missing = answers(404, { code: 'not_found', detail: 'There is no such thing.' });
    answerWith(away, missing);
    expect(await outcomeOf({ method: 'DELETE' })).toBeUndefined();
    answerWith(missing);
    expect(await outcomeOf({ method: 'DELETE' })).toBe('There is no such thing.');
  });

  it('a refusal is not sent again', async () => {
    const sent = answerWith(answers(503, { code: 'unavailable', detail: 'Not now.' }));
    expect(await outcomeOf({})).toBe('Not now.');
    expect(sent).toHaveLength(1);
  });

  describe('for which the person has to show again who they are', () => {
    const refused = answers(403, { code: 'reauthentication_required', detail: 'Confirm it.' });
    const made = answers(201, { id: 'it' });
    const asking = (isProven: boolean) => {
      const ask = vi.fn(async () => isProven);
      onTestFinished(reauthenticateWith(ask));
      return ask;
    };

    it('goes on as it was once they have', async () => {
      const sent = answerWith(refused, made);
      const ask = asking(true);
      expect(await outcomeOf({ method: 'POST', body: { name: 'ci' } })).toEqual({ id: 'it' });
      expect(sent.map(({ body }) => body)).toEqual(['{"name":"ci"}', '{"name":"ci"}']);
      expect(ask).toHaveBeenCalledOnce();
    });

    it('is refused when they do not, when nobody can be asked, and when that was not enough', async () => {
      const sent = answerWith(refused);
      expect(await outcomeOf({ method: 'DELETE' })).toBe('Confirm it.');
      const ask = asking(false);
      expect(await outcomeOf({ method: 'DELETE' })).toBe('Confirm it.');
      expect(sent).toHaveLength(2);
      const again = asking(true);
      expect(await outcomeOf({ method: 'DELETE' })).toBe('Confirm it.');
      expect(sent).toHaveLength(4);
      expect([ask, again].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    });

    it('asks them once for all that are refused meanwhile', async () => {
      answerWith(refused, refused, made);
      const ask = asking(true);
      expect(await Promise.all([outcomeOf({ method: 'PUT' }), outcomeOf({ method: 'PUT' })])).toEqual([
        { id: 'it' },
        { id: 'it' },
      ]);
      expect(ask).toHaveBeenCalledOnce();
    });
  });

  it('nothing in an answer is nothing', async () => {
    answerWith(answers(204));
    expect(await outcomeOf({ method: 'PUT' })).toBeUndefined();
  });

  it('keys of launches differ', () => {
    const keys = Array.from({ length: 100 }, newIdempotencyKey);
    expect(new Set(keys).size).toBe(100);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });
});
