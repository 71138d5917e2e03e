import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Webhook as Verifier } from 'standardwebhooks';
import { AppError } from '../model/errors';
import type { TriggerProvider } from '../model/trigger';

/** A request as it came, before anybody trusts it. */
export interface IncomingMessage {
  headers: Pick<Headers, 'get'>;
  body: Buffer;
}

export interface VerifiedMessage {
  payload: unknown;
  event: string | null;
  key: string;
}

const longestEvent = 100;

const signatureHeaders: Record<TriggerProvider, string[]> = {
  github: ['x-hub-signature-256'],
  gitea: ['x-gitea-signature'],
  gitlab: ['webhook-signature', 'x-gitlab-token'],
  hmac: ['x-signature-256'],
  standard: ['webhook-signature'],
};

/** Rejects with `unauthorized` what has no signature at all, before anything is done for it. */
export function checkSigned(provider: TriggerProvider, { headers }: Pick<IncomingMessage, 'headers'>): void {
  const names = signatureHeaders[provider];
  if (names.every((name) => headers.get(name) === null)) throw refusal(names.join(' or '));
}

/** Ids of senders are of any length; a key is of 150 characters at most. */
function keyOf(id: string): string {
  return id.length <= 150 ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`;
}

/**
 * Checks the signature and reads the message. Rejects with `unauthorized` and the header that was expected, never with
 * the secret, and with `bad_request` when a signed body is not JSON.
 *
 * Senders sign the body, not the id that they send beside it, so that a replay is known by the digest of the body. By
 * Standard Webhooks id and time are signed too; GitLab's older token signs nothing.
 */
export function verifyMessage(
  provider: TriggerProvider,
  secret: string,
  { headers, body }: IncomingMessage,
): VerifiedMessage {
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  switch (provider) {
    case 'github':
      checkHmac(headers, 'x-hub-signature-256', secret, body);
      return { payload: readFormed(headers, body), event: headers.get('x-github-event'), key: digest };
    case 'gitea':
      checkHmac(headers, 'x-gitea-signature', secret, body);
      return { payload: readFormed(headers, body), event: headers.get('x-gitea-event'), key: digest };
    case 'gitlab': {
      const isSigned = headers.get('webhook-signature') !== null;
      const key = isSigned ? checkStandard(headers, secret, body) : checkToken(headers, secret, digest);
      return { payload: read(body.toString('utf8')), event: headers.get('x-gitlab-event'), key };
    }
    case 'hmac': {
      checkHmac(headers, 'x-signature-256', secret, body);
      const payload = read(body.toString('utf8'));
      return { payload, event: typeOf(payload), key: digest };
    }
    case 'standard': {
      const key = checkStandard(headers, secret, body);
      const payload = read(body.toString('utf8'));
      return { payload, event: typeOf(payload), key };
    }
  }
}

function checkHmac(headers: Pick<Headers, 'get'>, name: string, secret: string, body: Buffer): void {
  const found =
    headers
      .get(name)
      ?.trim()
      .replace(/^sha256=/, '') ?? '';
  const expected = createHmac('sha256', secret).update(body).digest();
  if (/^[0-9a-f]{64}$/i.test(found) && timingSafeEqual(expected, Buffer.from(found, 'hex'))) return;
  throw refusal(`${name}: the HMAC-SHA256 of the body with the secret of the trigger, in hexadecimal`);
}

function checkToken(headers: Pick<Headers, 'get'>, secret: string, digest: string): string {
  // Of the same length, whatever came.
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const token = headers.get('x-gitlab-token');
  if (token === null || !timingSafeEqual(hash(token), hash(secret)))
    throw refusal('webhook-signature, or x-gitlab-token with the secret of the trigger');
  return keyOf(headers.get('idempotency-key') ?? headers.get('x-gitlab-event-uuid') ?? digest);
}

function checkStandard(headers: Pick<Headers, 'get'>, secret: string, body: Buffer): string {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const given = Object.fromEntries(names.map((name) => [name, headers.get(name) ?? '']));
  try {
    const verifier = secret.startsWith('whsec_')
      ? new Verifier(secret)
      : new Verifier(secret, { format: 'raw' });
    verifier.verify(body.toString('utf8'), given, { jsonParse: false });
  } catch {
    throw refusal(`${names.join(', ')} by Standard Webhooks, not older than five minutes`);
  }
  return keyOf(given['webhook-id'] ?? '');
}

function refusal(expected: string): AppError {
  return new AppError(
    'unauthorized',
    `The message is not signed as the trigger expects. Expected ${expected}.`,
  );
}

/**
 * GitHub and Gitea can send a form with the JSON in it. The type of the content is not signed: what begins as JSON is
 * never read as a form.
 */
function readFormed(headers: Pick<Headers, 'get'>, body: Buffer): unknown {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  const text = body.toString('utf8');
  const isForm = type === 'application/x-www-form-urlencoded' && !/^\s*[{[]/.test(text);
  return read(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text);
}

function read(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new AppError('bad_request', 'The body of the message is not valid JSON.', { cause });
  }
}

/** Cut, and as PostgreSQL stores it. */
function typeOf(payload: unknown): string | null {
  const type = payload !== null && typeof payload === 'object' && 'type' in payload ? payload.type : null;
  if (typeof type !== 'string') return null;
  return Buffer.from(type.slice(0, longestEvent).replaceAll('\0', ''), 'utf8').toString('utf8');
}
