import protobuf from 'protobufjs/light.js';
import { z } from 'zod';

/**
 * What BuildKit says of a build, as `moby.buildkit.v1.StatusResponse` in api/services/control/control.proto of
 * moby/buildkit: the parts of it that people read.
 */
const status = protobuf.Root.fromJSON({
  nested: {
    Status: {
      fields: {
        vertexes: { rule: 'repeated', type: 'Vertex', id: 1 },
        logs: { rule: 'repeated', type: 'Log', id: 3 },
      },
    },
    Vertex: {
      fields: {
        digest: { type: 'string', id: 1 },
        name: { type: 'string', id: 3 },
        cached: { type: 'bool', id: 4 },
        started: { type: 'Time', id: 5 },
        error: { type: 'string', id: 7 },
      },
    },
    Log: { fields: { vertex: { type: 'string', id: 1 }, msg: { type: 'bytes', id: 4 } } },
    Time: { fields: { seconds: { type: 'int64', id: 1 } } },
  },
}).lookupType('Status');

const decoded = z.object({
  vertexes: z
    .array(
      z.object({
        digest: z.string().default(''),
        name: z.string().default(''),
        cached: z.boolean().default(false),
        started: z.unknown().optional(),
        error: z.string().default(''),
      }),
    )
    .default([]),
  logs: z.array(z.object({ vertex: z.string().default(''), msg: z.instanceof(Uint8Array) })).default([]),
});

const message = z.object({
  id: z.string().optional(),
  stream: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  aux: z.unknown().optional(),
});

/** What both builders do for themselves. */
const internal = /^\[internal\]|^exporting to image$|^copy \/context \/$/;

export interface BuildLog {
  feed(chunk: Uint8Array): void;
  /** Why the build failed, in the builder's own words. */
  failure(): string | null;
}

/** Reads the stream of JSON lines of a build, of BuildKit or of the builders before it, and tells its lines. */
export function createBuildLog(onLine: (line: string) => void): BuildLog {
  const decoder = new TextDecoder();
  const told = new Set<string>();
  /** The beginnings of lines, by whose they are: each instruction of BuildKit prints for itself. */
  const unfinished = new Map<string, string>();
  let rest = '';
  let failure: string | null = null;

  function print(key: string, text: string): void {
    const lines = ((unfinished.get(key) ?? '') + text).split(/\r?\n/);
    unfinished.set(key, lines.pop() ?? '');
    for (const line of lines) if (line.trim() !== '') onLine(line.trimEnd());
  }

  /** The first says most, but of instructions that were given up because of another. */
  function fail(error: string): void {
    if (failure === null || /\bcontext canceled$/.test(failure)) failure = error;
  }

  function takeStatus(aux: string): void {
    const { vertexes, logs } = decoded.parse(status.toObject(status.decode(Buffer.from(aux, 'base64'))));
    for (const { digest, name, cached, started, error } of vertexes) {
      const isNew = !told.has(digest) && (cached || (started !== undefined && started !== null));
      if (isNew && !internal.test(name)) onLine(cached ? `${name} (unchanged)` : name);
      if (isNew) told.add(digest);
      if (error !== '') fail(error);
    }
    for (const { vertex, msg } of logs) print(vertex, Buffer.from(msg).toString('utf8'));
  }

  return {
    feed(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.trim() === '') continue;
        const { id, stream, status: said, error, aux } = message.parse(JSON.parse(line));
        // The error of an instruction says more than that of the build, which comes last.
        if (error) fail(error);
        else if (id === 'moby.buildkit.trace' && typeof aux === 'string') takeStatus(aux);
        else if (stream) print('', stream);
        else if (said && id === undefined) onLine(said);
      }
    },
    failure: () => failure,
  };
}
