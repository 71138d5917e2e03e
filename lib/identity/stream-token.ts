import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock';
import type { Role } from '../store/store';
import type { Principal } from './principal';

const lifetimeMs = 60 * 60 * 1000;
const prefix = 'gantry_st_';

/**
 * A short-lived token that can only read streams: made for `?token=`, where a longer-lived one would end up in
 * a proxy's log. It is signed, not stored, and good as long as the token or session that it was made with.
 */
export function newStreamToken(
  clock: Clock,
  secret: string,
  principal: Principal,
): { token: string; expiresAt: string } {
  const expiresAtMs = clock.now().getTime() + lifetimeMs;
  const { name, role, tokenId } = principal;
  const payload = Buffer.from(JSON.stringify([expiresAtMs, name, role, tokenId])).toString('base64url');
  return {
    token: `${prefix}${payload}.${sign(secret, payload)}`,
    expiresAt: new Date(expiresAtMs).toISOString(),
  };
}

export function isStreamToken(text: string): boolean {
  return text.startsWith(prefix);
}

/** Null when it is forged or has expired. The caller asks whether the token that it was made with is still good. */
export function readStreamToken(clock: Clock, secret: string, text: string): Principal | null {
  const [payload = '', signature = ''] = text.slice(prefix.length).split('.');
  const expected = Buffer.from(sign(secret, payload));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const [expiresAtMs, name, role, tokenId]: [number, string, Role, string?] = JSON.parse(
    Buffer.from(payload, 'base64url').toString(),
  );
  if (expiresAtMs <= clock.now().getTime() || typeof tokenId !== 'string') return null;
  return { name, role, via: 'stream', tokenId };
}

function sign(secret: string, payload: string): string {
  return createHmac('sha256', `stream-token:${secret}`).update(payload).digest('base64url');
}
