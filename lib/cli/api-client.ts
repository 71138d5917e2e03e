import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Clock, systemClock } from '../clock';

export interface Api {
  url: string;
  // biome-ignore lint/suspicious/noExplicitAny: the server's schemas are the caller's claim
  get(path: string): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: the server's schemas are the caller's claim
  post(path: string, body: object): Promise<any>;
  /** The messages of an SSE route to its end, resumed after cuts; each with its `data` still as text. */
  stream(path: string, signal: AbortSignal): AsyncIterable<EventSourceMessage>;
}

interface Connection {
  url?: string | undefined;
  token?: string | undefined;
  dataFolder: string;
}

const attemptsBeforeGivingUp = 30;

/** Finds the control plane: what was said, else what the one on this machine wrote into its data folder. */
export async function connect(connection: Connection, clock: Clock = systemClock): Promise<Api> {
  const url = (connection.url ?? (await localUrl(connection.dataFolder))).replace(/\/$/, '');
  const token = connection.token ?? (await localToken(connection.dataFolder));
  const headers = { authorization: `Bearer ${token}` };

  async function send(target: string, init: RequestInit): Promise<Response> {
    const response = await fetch(url + target, { ...init, headers: { ...headers, ...init.headers } }).catch(
      (error: unknown) => {
        throw new Error(`Gantry at ${url} does not answer. Is it started (npm start)?`, { cause: error });
      },
    );
    if (!response.ok) throw new Error(await problemText(response));
    return response;
  }

  return {
    url,
    get: async (target) => (await send(target, { headers: { accept: 'application/json' } })).json(),
    post: async (target, body) =>
      (
        await send(target, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        })
      ).json(),
    async *stream(target, signal) {
      let lastId = '0';
      for (let failures = 0; ; ) {
        try {
          const response = await send(target, {
            signal,
            headers: { accept: 'text/event-stream', 'last-event-id': lastId },
          });
          if (response.status === 204) return;
          for await (const message of messages(response)) {
            failures = 0;
            if (message.event === 'end') return;
            if (message.id) lastId = message.id;
            yield message;
          }
        } catch (error) {
          failures += 1;
          if (signal.aborted || failures > attemptsBeforeGivingUp) throw error;
        }
        await clock.sleep(Math.min(200 * 2 ** failures, 3_000), signal);
      }
    },
  };
}

async function* messages(response: Response): AsyncIterable<EventSourceMessage> {
  const ready: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => void ready.push(message) });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* ready.splice(0);
  }
}

async function problemText(response: Response): Promise<string> {
  const text = await response.text();
  if (!response.headers.get('content-type')?.includes('json'))
    return `${response.status} ${text.slice(0, 200)}`;
  const problem: { detail?: string; errors?: { path: string; message: string }[] } = JSON.parse(text);
  const more = (problem.errors ?? []).map((each) => `\n  ${each.path}: ${each.message}`).join('');
  return `${problem.detail ?? response.status}${more}`;
}

async function localUrl(dataFolder: string): Promise<string> {
  const file = path.join(dataFolder, 'server.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(
      `No control plane has been started with the data folder ${dataFolder}. Start one (npm start), or say --url.`,
      { cause: error },
    );
  });
  const { url }: { url: string } = JSON.parse(text);
  return url;
}

async function localToken(dataFolder: string): Promise<string> {
  const file = path.join(dataFolder, 'admin-token');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`There is no token in ${file}. Say GANTRY_TOKEN or --token.`, { cause: error });
  });
  return text.trim();
}
