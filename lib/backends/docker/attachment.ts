import type { Clock } from '../../clock';
import { type Daemon, quickMs } from './daemon';
import { type FrameStream, readFrames } from './frames';

/** A connection to what a container prints from now on. */
export interface Attachment {
  /**
   * Reads to the end. Resolves with false when the stream broke, was closed, or `hasRoom` resolved with false: a reader
   * that pauses stalls the container. To be called once.
   */
  read(
    onPayload: (stream: FrameStream, payload: Buffer) => void,
    hasRoom: () => Promise<boolean>,
  ): Promise<boolean>;
  /** By the monotonic clock. */
  lastChunkMs(): number;
  hasSeenOutput(): boolean;
  close(): void;
}

/**
 * Podman tells the end of its own connection to the container in a frame of stderr, as if the program had printed it.
 * Where such a frame is the last one, the container's log says what was printed.
 */
const podmanError = /^Error: (read|write) unixpacket /;

export async function attachTo(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
): Promise<Attachment> {
  const stream = await daemon.call('attach to a container', quickMs, (docker) =>
    docker.getContainer(container).attach({ stream: true, stdout: true, stderr: true, hijack: true }),
  );
  let lastChunkMs = clock.monotonicMs();
  let hasSeenOutput = false;
  let isClosed = false;
  const close = () => {
    isClosed = true;
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
  };
  // What nobody reads any more may still break.
  stream.on('error', () => undefined);
  return {
    async read(onPayload, hasRoom) {
      const emit = (name: FrameStream, payload: Buffer) => {
        hasSeenOutput = true;
        onPayload(name, payload);
      };
      let doubtful: Buffer | null = null;
      const feed = readFrames((name, payload) => {
        if (doubtful) emit('stderr', doubtful);
        doubtful = null;
        if (daemon.name === 'Podman' && name === 'stderr' && podmanError.test(payload.toString('latin1')))
          doubtful = Buffer.from(payload);
        else emit(name, payload);
      });
      try {
        for await (const chunk of stream) {
          feed(asBuffer(chunk));
          if (!(await hasRoom())) return false;
          lastChunkMs = clock.monotonicMs();
          if (isClosed) return false;
        }
        return !isClosed && !doubtful;
      } catch {
        // What is missing is read from the log, or the engine is gone and the watcher of the end says so.
        return false;
      } finally {
        close();
      }
    },
    lastChunkMs: () => lastChunkMs,
    hasSeenOutput: () => hasSeenOutput,
    close,
  };
}

function asBuffer(chunk: unknown): Buffer {
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return Buffer.from(String(chunk), 'latin1');
}
