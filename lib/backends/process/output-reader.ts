import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { LogStream, OutputLine } from '../../model/log-line';
import { createLineSplitter } from '../line-splitter';
import type { GroupLeader } from './process-group';
import { createFrameReader } from './recorder/frame-reader';
import { endRecording, findRecorder, recordedFile } from './recorder/recorder-process';

/** Most bytes that one read takes of a stream. */
export const chunkBytes = 262_144;

/** A recorder that is asked to end its file has so long for its next write. */
const endLimitMs = 10_000;
const cannotBeWritten =
  "The end of the step's output could not be written within 10 s. Look whether the disk of the scratch folder is full.";
const recorderKilled =
  "The process that records the step's output was killed from outside: what the step printed last is lost.";

export interface OutputReader {
  /** The next lines of both streams, at most a few thousand; empty when nothing new was there. */
  read(): Promise<{ lines: OutputLine[]; bytes: number }>;
  /** Lets the files end, once nobody of the step writes any more. */
  end(): Promise<void>;
  /** Nothing more will come. Rejects when what the step printed cannot be known any more. */
  isWhole(): Promise<boolean>;
  /** Lines without an ending, once nobody writes any more. */
  flush(): OutputLine[];
  /** Bytes that were printed so far, read or not, as far as it is known. */
  printedBytes(): Promise<number>;
  close(): Promise<void>;
}

/** A chunk of one stream, which is not kept. */
export type OnBytes = (stream: LogStream, bytes: Uint8Array) => void;

/** Reads what the program of this attempt prints, from its beginning. */
export async function openOutputReader(
  { clock }: { clock: Clock },
  { folder, leader }: { folder: string; leader: GroupLeader },
  onBytes: OnBytes,
): Promise<OutputReader> {
  const file = await openIfThere(recordedFile(folder, leader));
  return file
    ? readRecorded({ clock }, { folder, leader, file }, onBytes)
    : readFiles({ clock }, folder, onBytes);
}

/** Both streams of a recorder's file, in the order of the writes. */
function readRecorded(
  { clock }: { clock: Clock },
  { folder, leader, file }: { folder: string; leader: GroupLeader; file: FileHandle },
  onBytes: OnBytes,
): OutputReader {
  const frames = createFrameReader();
  const splitters = { stdout: createLineSplitter('stdout'), stderr: createLineSplitter('stderr') };
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let position = 0;
  let printedBytes = 0;
  let deadlineMs = Number.POSITIVE_INFINITY;
  return {
    async read() {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
      position += bytesRead;
      if (deadlineMs < Number.POSITIVE_INFINITY && bytesRead > 0)
        deadlineMs = clock.monotonicMs() + endLimitMs;
      const lines: OutputLine[] = [];
      for (const { stream, atMs, bytes } of frames.push(buffer.subarray(0, bytesRead))) {
        printedBytes += bytes.length;
        onBytes(stream, bytes);
        for (const line of splitters[stream].push(bytes, atMs)) lines.push(line);
      }
      return { lines, bytes: bytesRead };
    },
    async end() {
      deadlineMs = clock.monotonicMs() + endLimitMs;
      await endRecording(folder, leader);
    },
    async isWhole() {
      if (frames.isWhole()) return true;
      if (clock.monotonicMs() > deadlineMs) throw new AppError('backend_failed', cannotBeWritten);
      if (await findRecorder(folder, leader)) return false;
      if ((await file.stat()).size > position) return false;
      throw new AppError('backend_failed', recorderKilled);
    },
    flush: () => Object.values(splitters).flatMap((splitter) => splitter.flush(clock.now().getTime())),
    printedBytes: async () => printedBytes,
    close: () => file.close(),
  };
}

/** Where there is no recorder: one file for each stream, which the step writes itself. */
async function readFiles(
  { clock }: { clock: Clock },
  folder: string,
  onBytes: OnBytes,
): Promise<OutputReader> {
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
        onBytes(stream.stream, buffer.subarray(0, bytesRead));
        for (const line of stream.splitter.push(buffer.subarray(0, bytesRead), atMs)) lines.push(line);
      }
      return { lines, bytes };
    },
    end: async () => {},
    isWhole: async () => true,
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
  return { stream, file: await open(file, 'r'), position: 0, splitter: createLineSplitter(stream) };
}

async function openIfThere(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
