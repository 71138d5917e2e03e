// A process of its own: sends abuse at its pace, whatever is answered, and says once a second how it goes.
import { Agent, type IncomingMessage, request } from 'node:http';
import { type AbusiveRequest, abusePerSecond, abusiveRequests } from './abuse-kinds';

const { GANTRY_URL: url = '', GANTRY_TOKEN: token = '', EXECUTION: executionId = '' } = process.env;
const maxStreams = 300;
const tickMs = 20;

const kinds = abusiveRequests(executionId, token);
const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });
const answers: Record<string, number> = {};
const streams: IncomingMessage[] = [];
/** Of these, those that wait in the agent for a connection have not left yet. */
let sent = 0;
let answered = 0;

function count(what: string): void {
  answers[what] = (answers[what] ?? 0) + 1;
}

function send({ method, path, headers, body, isStream }: AbusiveRequest): void {
  const call = request(new URL(path, url), { method, headers, agent }, (answer) => {
    answered += 1;
    count(String(answer.statusCode));
    answer.on('error', () => undefined);
    answer.resume();
    if (!isStream) return;
    streams.push(answer);
    if (streams.length > maxStreams) streams.shift()?.destroy();
  });
  call.on('error', () => count('broken off'));
  call.end(body);
}

const startedMs = performance.now();
setInterval(() => {
  const due = ((performance.now() - startedMs) / 1_000) * abusePerSecond;
  for (; sent < due; sent += 1) {
    const next = kinds[sent % kinds.length];
    if (next) send(next());
  }
}, tickMs);
setInterval(() => console.log(JSON.stringify({ sent, answered, answers })), 1_000);
