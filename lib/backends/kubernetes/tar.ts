/** A file of an archive; its content comes when it is wanted. */
export interface TarFile {
  name: string;
  bytes: number;
  open(): Promise<AsyncIterable<Uint8Array>>;
}

const blockBytes = 512;
const maxNameBytes = 100;
const maxFileBytes = 8 ** 11 - 1;

/** How long the archive of these files is, in bytes. */
export function tarBytes(files: readonly Pick<TarFile, 'name' | 'bytes'>[]): number {
  const each = files.map(({ name, bytes }) => headersOf(name, bytes).length + roundedUp(bytes));
  return each.reduce((sum, next) => sum + next, 2 * blockBytes);
}

/**
 * Yields an archive of executable files as busybox reads it, each opened when its turn has come. Throws a RangeError for
 * a file of 8 GiB or more.
 */
export async function* tarOf(files: readonly TarFile[]): AsyncGenerator<Uint8Array> {
  for (const { name, bytes, open } of files) {
    yield headersOf(name, bytes);
    yield* await open();
    const rest = roundedUp(bytes) - bytes;
    if (rest > 0) yield Buffer.alloc(rest);
  }
  yield Buffer.alloc(2 * blockBytes);
}

/** A long name stands in an entry of its own before the file: busybox passes over the newer form. */
function headersOf(name: string, bytes: number): Buffer {
  if (bytes > maxFileBytes)
    throw new RangeError(`${name} has ${bytes} bytes, expected at most ${maxFileBytes}`);
  const encoded = Buffer.from(name);
  const own = header(encoded.subarray(0, maxNameBytes), bytes, '0');
  if (encoded.length <= maxNameBytes) return own;
  const text = Buffer.alloc(roundedUp(encoded.length + 1));
  encoded.copy(text);
  return Buffer.concat([header(Buffer.from('././@LongLink'), encoded.length + 1, 'L'), text, own]);
}

function header(name: Buffer, bytes: number, type: string): Buffer {
  const block = Buffer.alloc(blockBytes);
  name.copy(block, 0);
  block.write('0000755\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar  \0', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function roundedUp(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}
