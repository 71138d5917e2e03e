import { apiFetch } from './api';

let token: { text: string; expiresAt: number } | null = null;

/** EventSource cannot send headers, so streams take a short-lived token in the query. */
export async function streamToken(): Promise<string> {
  if (token && token.expiresAt - Date.now() > 60_000) return token.text;
  const made = await apiFetch<{ token: string; expiresAt: string }>('/api/v1/session/stream-token', {
    method: 'POST',
  });
  token = { text: made.token, expiresAt: Date.parse(made.expiresAt) };
  return token.text;
}

/** Makes the next call ask for another one. */
export function forgetStreamToken(): void {
  token = null;
}
