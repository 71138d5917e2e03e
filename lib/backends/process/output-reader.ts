import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../clock';
import type { OutputLine } from '../../model/log-line';
import { createLineSplitter } from '../line-splitter';

/** What one read takes of a stream at most. */
export const chunkBytes = 262_144;

export interface OutputReader {
  /** The next lines of both streams, at most a few thousand; empty when nothing new was there. */
  read(): Promise<{ lines: OutputLine[]; bytes: number }>;
  /** Lines without an ending, once nobody writes any more. */
  flush(): OutputLine[];
  /** Bytes that were printed so far, read or not. */
  printedBytes(): Promise<number>;
  close(): Promise<void>;
}

/** Reads what a step prints from the files that it prints to, from their beginning. */
export async function openOutputReader({ clock }: { clock: Clock }, folder: string): Promise<OutputReader> {
  const streams = [
    await openStream(path.join(folder, 'stdout.log'), 'stdout'),
    await openStream(path.join(folder, 'stderr.log'), 'stderr'),
  ];
  const buffer = Buffer.allocUnsafe(chunkBytes);
  return {
    async read() {
      const lines: OutputLine[] = [];
      let bytes = 0;
      for (const stream of streams) {
        const { bytesRead } = await stream.file.read(buffer, 0, chunkBytes, stream.position);
        if (bytesRead === 0) continue;
        stream.position += bytesRead;
        bytes += bytesRead;
        const atMs = clock.now().getTime();
        for (const line of stream.splitter.push(buffer.subarray(0, bytesRead), atMs)) lines.push(line);
      }
      return { lines, bytes };
    },
    flush: () => streams.flatMap(({ splitter }) => splitter.flush(clock.now().getTime())),
    async printedBytes() {
      const stats = await Promise.all(streams.map(({ file }) => file.stat()));
      return stats.reduce((sum, { size }) => sum + size, 0);
    },
    async close() {
      await Promise.all(streams.map(({ file }) => file.close()));
    },
  };
}

async function openStream(file: string, stream: 'stdout' | 'stderr') {
  const handle: FileHandle = await open(file, 'r');
  return { file: handle, position: 0, splitter: createLineSplitter(stream) };
}
