import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { followStream } from '@/lib/client/event-stream';
import { systemClock } from '@/lib/clock';

/** The API without types, for tests that ask for paths as they are. */
export interface PlainApi {
  url: string;
  // biome-ignore lint/suspicious/noExplicitAny: the schemas of the answers are the caller's claim
  get(path: string): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: the schemas of the answers are the caller's claim
  post(path: string, body: object): Promise<any>;
  /** The messages of a stream to its end, with their data as text; it goes on after cuts. */
  stream(path: string, signal: AbortSignal): AsyncIterable<{ data: string }>;
}

/** Rejects with the text of an answer that is no success. The token is that of the data folder unless one is given. */
export async function connectPlainly(to: {
  url: string;
  token?: string | undefined;
  dataFolder: string;
}): Promise<PlainApi> {
  const token = to.token ?? (await readFile(path.join(to.dataFolder, 'admin-token'), 'utf8')).trim();
  const ask = async (target: string, init: RequestInit) => {
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    const response = await fetch(to.url + target, { ...init, headers });
    if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
    return response;
  };
  const send = async (target: string, init: RequestInit) => {
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    return (await ask(target, { ...init, headers })).json();
  };
  return {
    url: to.url,
    get: (target) => send(target, {}),
    post: (target, body) => send(target, { method: 'POST', body: JSON.stringify(body) }),
    stream: (target, signal) =>
      followStream({
        clock: systemClock,
        signal,
        giveUpAfterMs: 120_000,
        open: (lastId, opened) =>
          ask(target, {
            signal: opened,
            headers: { accept: 'text/event-stream', 'last-event-id': lastId },
          }),
      }),
  };
}
