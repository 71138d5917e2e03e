import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMasker } from '@/lib/model/masker';

/** How programs print a value; each is what a reader would have to undo. */
const encodings: Record<string, (value: string) => string> = {
  plain: (value) => value,
  json: (value) => JSON.stringify({ value }),
  'json in json': (value) => JSON.stringify({ log: JSON.stringify({ value }) }),
  'json of ascii': (value) =>
    JSON.stringify(value).replace(
      /[^\x20-\x7e]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  'url component': (value) => `?q=${encodeURIComponent(value)}&x=1`,
  'url form': (value) => new URLSearchParams({ value }).toString(),
  base64: (value) => Buffer.from(value).toString('base64'),
  'base64 in a header': (value) => `Basic ${Buffer.from(`user:${value}`).toString('base64')}`,
  'base64 in a longer text': (value) => Buffer.from(`ab${value}xyz`).toString('base64'),
  'base64 for urls': (value) => Buffer.from(`{"a":"${value}"}`).toString('base64url'),
  hex: (value) => Buffer.from(value).toString('hex'),
  html: (value) =>
    `<a title="${value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')}">`,
  'xml as Go writes it': (value) =>
    `<a title="${value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&#34;').replace(/'/g, '&#39;')}">`,
  'xml with no more escaped than must be': (value) =>
    `<failure>${value.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</failure>`,
};

const secret = fc
  .oneof(
    fc.string({ minLength: 4, maxLength: 80, unit: 'grapheme-ascii' }),
    fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme' }),
    fc.base64String({ minLength: 8, maxLength: 200 }),
  )
  .filter(
    (value) =>
      value.trim().length >= 4 &&
      !value.includes('\0') &&
      Buffer.from(value).toString() === value &&
      !value.includes('*'),
  );
const around = fc.string({ maxLength: 20 });

/** What the masker cannot know is left of a text, and whether the value can be read from it. */
function reveals(text: string, value: string): boolean {
  return Object.values(encodings)
    .slice(0, 2)
    .concat([(each) => encodeURIComponent(each), (each) => Buffer.from(each).toString('hex')])
    .some((encode) => text.includes(encode(value).replace(/^"|"$/g, '')));
}

describe('a masker', () => {
  it.each(Object.entries(encodings))(
    'finds %s in a text and in its parts, wherever they are cut',
    (_, encode) => {
      fc.assert(
        fc.property(secret, around, around, fc.nat(), (value, before, after, at) => {
          const text = `${before}${encode(value)}${after}`;
          const masker = createMasker([value]);
          const whole = masker.text(text);
          expect(whole).toContain('***');
          expect(reveals(whole, value)).toBe(false);
          const cut = at % (text.length + 1);
          const stream = masker.stream();
          expect(stream.push(text.slice(0, cut)) + stream.push(text.slice(cut)) + stream.end()).toBe(whole);
        }),
        { numRuns: 150 },
      );
    },
  );

  it('shows the same of bytes, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        secret,
        around,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
        fc.constantFrom(...Object.values(encodings)),
        async (value, before, sizes, encode) => {
          const bytes = Buffer.from(`${before}${encode(value)}${before}${value}`);
          const shown = await collect(createMasker([value]).bytes(cutInto(bytes, sizes)));
          const whole = await collect(createMasker([value]).bytes(cutInto(bytes, [bytes.length])));
          expect(shown).toEqual(whole);
          expect(shown.includes(Buffer.from(value))).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('leaves what has no secret in it, byte for byte', async () => {
    const masker = createMasker(['hunter2-hunter2']);
    const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, position) => (position * 7) % 256));
    expect(await collect(masker.bytes(cutInto(bytes, [13])))).toEqual(bytes);
    expect(masker.text('hunter2-hunter')).toBe('hunter2-hunter');
  });

  it('hides all of a secret that begins with another one', () => {
    expect(createMasker(['pass', 'password123']).text('it is password123!')).toBe('it is ***!');
    expect(createMasker(['abcdef', 'defghi']).text('>abcdefghi<')).toBe('>***<');
  });

  it('hides each line of a key of several lines, and the whole of it in base64', () => {
    const key = '-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA1c7\nq2Wm4u9Zr0t5Xy7\n-----END KEY-----';
    const masker = createMasker([key]);
    for (const line of key.split('\n')) expect(masker.text(`key: ${line}`)).toBe('key: ***');
    expect(masker.text(`KEY=${Buffer.from(key).toString('base64')}`)).toMatch(/^KEY=\*\*\*.{0,3}$/);
    const wrapped =
      Buffer.from(key.repeat(3))
        .toString('base64')
        .match(/.{1,76}/g) ?? [];
    const masked = createMasker([key.repeat(3)]).text(wrapped.join('\n'));
    expect(masked.split('\n').every((line) => /^\*\*\*.{0,3}$/.test(line))).toBe(true);
  });

  it('hides the beginning of a secret that the end of a text cuts off', () => {
    expect(createMasker(['hunter2-hunter2']).cutText('the answer was hunter2-hu')).toBe('the answer was ***');
  });
});

async function* cutInto(bytes: Uint8Array, sizes: number[]): AsyncIterable<Uint8Array> {
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
