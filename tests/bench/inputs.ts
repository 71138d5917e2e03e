import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { Bench, Row } from './bench';
import { launchAndFinish } from './launch';
import { median } from './measure';
import { image } from './suites';

const megabyte = 1024 * 1024;
const files = 16;
const fileMegabytes = 64;

/** 1 GiB of what no compression makes smaller, in files that the limit of artifacts admits. */
function writeCommand(folder: string): string[] {
  const all = Array.from({ length: files - 1 }, (_, index) => index + 1).join(' ');
  return [
    'sh',
    '-c',
    `mkdir -p ${folder} && cd ${folder} && dd if=/dev/urandom of=0 bs=1M count=${fileMegabytes} && for n in ${all}; do cp 0 $n; done`,
  ];
}

/** A step that exports 1 GiB and one that gets it, less the same two without that. */
export const inputSuites = () => ({
  inputs: {
    writer: { kind: 'task', image, timeout: '10m', run: writeCommand('$GANTRY_ARTIFACTS'), export: ['*'] },
    reader: {
      ...{
        kind: 'task',
        image,
        timeout: '10m',
        after: ['writer'],
        run: ['sh', '-c', 'ls $GANTRY_INPUTS/in'],
      },
      inputs: [{ from: 'writer', path: '*', to: 'in' }],
    },
  },
  'no-inputs': {
    writer: { kind: 'task', image, timeout: '10m', run: writeCommand('/tmp/out') },
    reader: { kind: 'task', image, timeout: '10m', after: ['writer'], run: ['true'] },
  },
});

export const inputs: Row = {
  name: 'inputs',
  isExtra: true,
  async measure(bench) {
    const repeats = bench.isQuick ? 1 : 5;
    const copied: number[] = [];
    const passedOn: number[] = [];
    const grown: number[] = [];
    const server = await bench.startServer();
    try {
      await launchAndFinish(server, bench.suiteId('no-inputs'));
      for (let round = 1; round <= repeats; round += 1) {
        copied.push(await copyPlainly(bench));
        const without = await launchAndFinish(server, bench.suiteId('no-inputs'));
        const { now } = await server.memory();
        await server.resetPeak();
        const withInputs = await launchAndFinish(server, bench.suiteId('inputs'));
        grown.push(((await server.memory()).peak - now) / megabyte);
        passedOn.push(withInputs.ms - without.ms);
        bench.say(
          `inputs ${round}: copied ${copied.at(-1)?.toFixed(0)} ms, passed on ${passedOn.at(-1)?.toFixed(0)} ms, ${grown.at(-1)?.toFixed(0)} MB more`,
        );
      }
      return {
        title: '1 GiB from one step to the next, beside a copy out of one container and into another',
        measures: [
          {
            what: 'time that it adds to both steps; floor: the copy',
            unit: 'ms',
            floor: median(copied),
            gantry: median(passedOn),
            target: { ratio: 1.3 },
          },
          {
            what: 'memory of the server while it does, over that before',
            unit: 'MB',
            floor: null,
            gantry: Math.max(...grown),
            target: { atMost: 60 },
          },
        ],
        notes: [
          `Medians of ${repeats} in turns; the most of the memory. ${files} files of ${fileMegabytes} MiB of random bytes; the copy goes through a file, as \`docker cp\` does it.`,
        ],
      };
    } finally {
      await server.stop();
    }
  },
};

/** Out of one container into a file, and from there into another one; in milliseconds. */
async function copyPlainly({ docker, folder }: Bench): Promise<number> {
  const file = path.join(folder, 'copy.tar');
  const from = await docker.createContainer({ Image: image, Cmd: writeCommand('/tmp/out') });
  const to = await docker.createContainer({ Image: image, Cmd: ['true'] });
  try {
    await from.start();
    await from.wait();
    const startedMs = performance.now();
    await pipeline(await archiveOf(from), createWriteStream(file));
    await to.putArchive(createReadStream(file), { path: '/tmp' });
    return performance.now() - startedMs;
  } finally {
    await rm(file, { force: true });
    for (const container of [from, to]) await container.remove({ force: true, v: true });
  }
}

function archiveOf(container: Docker.Container): Promise<NodeJS.ReadableStream> {
  return container.getArchive({ path: '/tmp/out' });
}
