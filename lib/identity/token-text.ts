import { createHash, randomBytes } from 'node:crypto';
import type { TokenKind } from '../store/store';

const prefixes: Record<TokenKind, string> = {
  api: 'gantry_api_',
  session: 'gantry_ses_',
  sign_in: 'gantry_in_',
  agent: 'gantry_agent_',
  package: 'gantry_pkg_',
  invitation: 'gantry_inv_',
};

/** A new token's text: 256 random bits, recognisable by its prefix. Shown once, kept only as a hash. */
export function newTokenText(kind: TokenKind): string {
  return prefixes[kind] + randomBytes(32).toString('base64url');
}

export function hashToken(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
