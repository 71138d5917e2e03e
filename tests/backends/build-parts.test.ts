import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { describe, expect, it, test } from 'vitest';
import { createBuildLog } from '@/lib/backends/docker/build/build-log';
import { readBuildInputs, streamContext } from '@/lib/backends/docker/build/context';
import { baseImages } from '@/lib/backends/docker/build/dockerfile';
import type { ImageBuild } from '@/lib/model/image-build';

/** A variable as a Dockerfile has it. */
const variable = (text: string) => `\${${text}}`;

describe('The images that a Dockerfile begins with', () => {
  test.each<[string, string, Record<string, string>, string[]]>([
    ['one', 'FROM node:22', {}, ['node:22']],
    ['none', 'FROM scratch\nCOPY . /', {}, []],
    ['of several stages, each once', 'FROM a AS x\nFROM b\nFROM x\nFROM X\nFROM a', {}, ['a', 'b']],
    ['for a platform', 'FROM --platform=linux/amd64 node:22 AS base', {}, ['node:22']],
    ['by an argument with a default', `ARG V=22\nFROM node:${variable('V')}`, {}, ['node:22']],
    ['by an argument that is given', 'ARG V=22\nFROM node:$V', { V: '20' }, ['node:20']],
    ['by a default in its place', `ARG V\nFROM node:${variable('V:-18')}`, {}, ['node:18']],
    ['by a quoted default', 'ARG I="node:22"\nFROM $I', {}, ['node:22']],
    ['that nobody but the builder knows', 'FROM $TARGETIMAGE\nFROM b', {}, ['b']],
    ['after comments and joined lines', '# syntax=docker/dockerfile:1\n# FROM no\nFROM \\\n  a', {}, ['a']],
    ['not by an argument of a stage', `FROM a\nARG V=1\nFROM b:${variable('V')}`, {}, ['a']],
    [
      'not by a line that is longer than any name',
      `FROM ${variable('a-').slice(0, -1).repeat(300_000)}\nFROM b`,
      {},
      ['b'],
    ],
    ['not by a name that grows beyond any', `ARG A=${'a'.repeat(1_900)}\nFROM $A/$A\nFROM b`, {}, ['b']],
    ['in lower case and with the endings of Windows', 'from a as x\r\nfrom b\r\n', {}, ['a', 'b']],
  ])('%s', (_, dockerfile, args, images) => {
    expect(baseImages(dockerfile, args)).toEqual(images);
  });
});

describe('What a build takes of a package', () => {
  const whole: ImageBuild = {
    context: '.',
    dockerfile: 'Dockerfile',
    inline: null,
    target: null,
    args: {},
  };
  const files = {
    Dockerfile: 'FROM a',
    'app/.dockerignore': '*.log\nsecret\n!keep.log\n',
    'app/Dockerfile': 'FROM b',
    'app/keep.log': '1',
    'app/main.js': '2',
    'app/other.log': '3',
    'app/secret/key': '4',
    'docker/test.Dockerfile': 'FROM c',
    'docker/test.Dockerfile.dockerignore': 'main.js\n',
  };
  const app: ImageBuild = { ...whole, context: 'app', dockerfile: 'app/Dockerfile' };

  async function inputsOf(build: ImageBuild, content: Record<string, string> = files) {
    return readBuildInputs(packageOf(content), { build, platform: null });
  }

  it('is all files without a .dockerignore', async () => {
    const { files: taken, dockerfile, dockerfileName } = await inputsOf(whole);
    expect([...taken].sort()).toEqual(Object.keys(files).sort());
    expect([dockerfile, dockerfileName]).toEqual(['FROM a', 'Dockerfile']);
  });

  it('is what .dockerignore leaves of its folder', async () => {
    const inputs = await inputsOf(app);
    expect([...inputs.files].sort()).toEqual([
      ...['app/.dockerignore', 'app/Dockerfile', 'app/keep.log', 'app/main.js'],
    ]);
    expect(await sentBy(app, inputs)).toEqual({
      '.dockerignore': files['app/.dockerignore'],
      Dockerfile: 'FROM b',
      'keep.log': '1',
      'main.js': '2',
    });
  });

  it('has a Dockerfile from outside of its folder, with the rules beside that one', async () => {
    const build = { ...app, dockerfile: 'docker/test.Dockerfile' };
    const inputs = await inputsOf(build);
    const sent = await sentBy(build, inputs);
    expect(sent[inputs.dockerfileName]).toBe('FROM c');
    expect(Object.keys(sent)).not.toContain('main.js');
    expect(Object.keys(sent)).toContain('other.log');
  });

  it('has a Dockerfile that is given as a text', async () => {
    const build = { ...app, dockerfile: null, inline: 'FROM d' };
    const inputs = await inputsOf(build);
    expect((await sentBy(build, inputs))[inputs.dockerfileName]).toBe('FROM d');
  });

  it('is refused without its Dockerfile', async () => {
    await expect(inputsOf({ ...app, dockerfile: 'app/none' })).rejects.toThrow(
      'The package has no Dockerfile app/none',
    );
  });

  it('is known by what decides the image, and by nothing else', async () => {
    const { fingerprint } = await inputsOf(app);
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
    const same = { ...files, Dockerfile: 'FROM z', 'app/other.log': '9' };
    expect((await inputsOf(app, same)).fingerprint).toBe(fingerprint);
    const others = await Promise.all([
      inputsOf(app, { ...files, 'app/main.js': '22' }),
      inputsOf(app, { ...files, 'app/new.js': '' }),
      inputsOf({ ...app, target: 'x' }),
      inputsOf({ ...app, args: { V: '1' } }),
      readBuildInputs(packageOf(files), { build: app, platform: 'linux/arm64' }),
      readBuildInputs(packageOf(files, 0o755), { build: app, platform: null }),
    ]);
    const all = [fingerprint, ...others.map((each) => each.fingerprint)];
    expect(new Set(all).size).toBe(all.length);
  });

  async function sentBy(build: ImageBuild, inputs: Awaited<ReturnType<typeof readBuildInputs>>) {
    const sent: Record<string, string> = {};
    for await (const entry of streamContext(packageOf(files), build, inputs).pipe(extract())) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      sent[entry.header.name] = Buffer.concat(chunks).toString();
    }
    return sent;
  }
});

describe('The log of a build', () => {
  function linesOf(...chunks: string[]) {
    const lines: string[] = [];
    const log = createBuildLog((line) => lines.push(line));
    for (const chunk of chunks) log.feed(Buffer.from(chunk));
    return { lines, failure: log.failure() };
  }

  it('has the lines of builders before BuildKit, however they are cut', () => {
    const text =
      '{"stream":"Step 1/2 : FROM a"}\n{"stream":"\\n"}\n{"stream":" ---> 12\\nhel"}\n{"stream":"lo\\n"}\n';
    const expected = { lines: ['Step 1/2 : FROM a', ' ---> 12', 'hello'], failure: null };
    expect(linesOf(text)).toEqual(expected);
    expect(linesOf(...(text.match(/.{1,7}/gs) ?? []))).toEqual(expected);
  });

  it('has why a build failed', () => {
    expect(linesOf('{"errorDetail":{"message":"no"},"error":"no"}\n').failure).toBe('no');
    // What was given up because another instruction failed is no reason.
    const given = '{"error":"context canceled: context canceled"}\n';
    expect(linesOf(given, '{"error":"no"}\n', '{"error":"late"}\n').failure).toBe('no');
    expect(linesOf(given).failure).toBe('context canceled: context canceled');
  });
});

async function* packageOf(content: Record<string, string>, mode = 0o644): AsyncIterable<Uint8Array> {
  const archive = pack();
  for (const [name, text] of Object.entries(content)) archive.entry({ name, mode }, text);
  archive.finalize();
  yield* Readable.from(archive, { objectMode: false });
}
