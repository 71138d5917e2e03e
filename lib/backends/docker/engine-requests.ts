import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { addAbortSignal, type Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { AppError } from '../../model/errors';
import { imageReference } from '../../model/image-reference';

/** The largest answer that is read into memory, in bytes. Streams have no such limit: nobody collects them. */
export const maxAnswerBytes = 16 * 1024 * 1024;

/** An id or name of anything but an image: dockerode makes it a part of a path as it is. */
const partName = /^[A-Za-z0-9][\w.-]*$/;

/** Each part of a path of the engine's API begins so and has nothing in it that ends it. */
const enginePath = /^(?:\/[A-Za-z0-9_][\w.:@+-]*)+\??$/;

type Callback = (error: Error | null, answer?: unknown) => void;

interface DialOptions {
  path: string;
  isStream?: boolean;
  hijack?: boolean;
  openStdin?: boolean;
  statusCodes: Record<number, boolean | string>;
}

interface RequestSettings {
  hostname?: string;
  socketPath?: string;
  signal?: AbortSignal;
}

interface Modem {
  protocol: string;
  timeout?: number;
  dial(options: DialOptions, callback: Callback): void;
  buildRequest(settings: RequestSettings, context: DialOptions, data: unknown, callback: Callback): void;
  buildPayload(
    error: Error | null,
    isStream: boolean | undefined,
    statusCodes: DialOptions['statusCodes'],
    openStdin: boolean | undefined,
    request: unknown,
    response: unknown,
    json: unknown,
    callback: Callback,
  ): void;
}

/**
 * Makes the client ask for nothing but what its caller meant: names and paths are checked, a redirect is a refusal like any other
 * status (docker-modem 5 follows it to any host, and one to an unknown protocol ends the process), and an answer that
 * is larger than `maxAnswerBytes` is an error.
 */
export function guardRequests(docker: Docker): Docker {
  guardNames(docker);
  const modem: unknown = docker.modem;
  if (!isModem(modem)) throw new Error('docker-modem has other functions than those that are guarded');
  const dial = modem.dial.bind(modem);
  modem.dial = (options, callback) => {
    if (!enginePath.test(options.path)) {
      const found = JSON.stringify(options.path.slice(0, 300));
      return callback(
        new AppError(
          'backend_failed',
          `The engine's API has no path ${found}: a name or image in it is not valid.`,
        ),
      );
    }
    dial(options, callback);
  };
  // Over SSH the connection is made by an agent of docker-modem's own.
  if (modem.protocol !== 'ssh') {
    modem.buildRequest = (settings, context, data, callback) => {
      try {
        send(modem, settings, context, data, callback);
      } catch (error) {
        callback(error instanceof Error ? error : new Error(String(error)));
      }
    };
  }
  return docker;
}

function isModem(modem: unknown): modem is Modem {
  const functions = ['dial', 'buildRequest', 'buildPayload'];
  return typeof modem === 'object' && modem !== null && functions.every((name) => name in modem);
}

/** Nothing that came from outside turns one call into another: what is named is checked where it is named. */
function guardNames(docker: Docker): void {
  const { getContainer, getNetwork, getVolume, getExec, getImage } = docker;
  const checked =
    <T>(what: string, pattern: RegExp, get: (name: string) => T) =>
    (name: string): T => {
      if (pattern.test(name)) return get.call(docker, name);
      const found = JSON.stringify(name.slice(0, 300));
      throw new AppError('backend_failed', `The engine can have no ${what} of the name ${found}.`);
    };
  docker.getContainer = checked('container', partName, getContainer);
  docker.getNetwork = checked('network', partName, getNetwork);
  docker.getVolume = checked('volume', partName, getVolume);
  docker.getExec = checked('command', partName, getExec);
  docker.getImage = checked('image', imageReference, getImage);
}

function send(
  modem: Modem,
  settings: RequestSettings,
  context: DialOptions,
  data: unknown,
  callback: Callback,
): void {
  let isDone = false;
  const done: Callback = (error, answer) => {
    if (isDone) return;
    isDone = true;
    callback(error, answer);
  };
  const sendRequest = modem.protocol === 'https' ? requestHttps : requestHttp;
  const request = sendRequest({ ...settings, timeout: modem.timeout });
  const pass = (response: IncomingMessage, body: unknown) =>
    modem.buildPayload(
      null,
      body === undefined,
      context.statusCodes,
      body === undefined && context.openStdin,
      request,
      response,
      body,
      done,
    );
  // Node's own agent says `timeout` of each silence of five seconds, also where no limit was asked for.
  if (modem.timeout) request.on('timeout', () => request.destroy());
  request.on('error', (error) => done(error));
  if (context.hijack) {
    request.on('upgrade', (_, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      done(null, socket);
    });
  }
  request.on('response', (response) => {
    const isExpected = context.statusCodes[response.statusCode ?? 0] === true;
    if (context.isStream && isExpected) return pass(response, undefined);
    if (settings.signal) addAbortSignal(settings.signal, response);
    collect(response).then(
      (body) => pass(response, body),
      (error: Error) => {
        request.destroy();
        done(error);
      },
    );
  });
  if (typeof data === 'string' || Buffer.isBuffer(data)) request.write(data);
  else if (isReadable(data)) {
    data.on('error', (error) => request.destroy(error));
    data.pipe(request);
    return;
  }
  if (!context.openStdin) request.end();
}

/** The answer as docker-modem gives it on: what is JSON as its value, anything else as bytes. */
async function collect(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) {
      const most = `${maxAnswerBytes / 1024 / 1024} MiB`;
      throw new AppError('backend_failed', `The engine's answer is larger than ${most}: ask for less of it.`);
    }
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  try {
    return JSON.parse(body.toString()) || body;
  } catch {
    return body;
  }
}

function isReadable(data: unknown): data is NodeJS.ReadableStream {
  return typeof data === 'object' && data !== null && 'pipe' in data && typeof data.pipe === 'function';
}
