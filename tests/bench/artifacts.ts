import path from 'node:path';
import { startAgentProcess } from '../agents/control-plane';
import type { Row } from './bench';
import { agentToken } from './claims';
import { eventsOf, launchAndFinish } from './launch';
import { median } from './measure';

export const artifacts: Row = {
  name: 'artifacts',
  async measure(bench) {
    const repeats = bench.isQuick ? 1 : 5;
    const backends = ['local', 'remote-agent'] as const;
    const packed: Record<string, number[]> = {};
    const many: Record<string, number[]> = {};
    const server = await bench.startServer();
    const agent = startAgentProcess(server.url, await agentToken(server), {
      GANTRY_AGENT_FOLDER: path.join(bench.folder, 'agent'),
    });
    const run = async (name: string, backend: string): Promise<number> => {
      const { id, ms } = await launchAndFinish(server, bench.suiteId(name), backend);
      const events = await eventsOf(server, id);
      const kept = events.filter(({ type }) => type === 'step.artifact').length;
      const expected = name === 'many-artifacts' ? fileCount : 1;
      if (kept !== expected) throw new Error(`${name} kept ${kept} artifacts, expected ${expected}`);
      return ms;
    };
    try {
      for (const backend of backends) {
        packed[backend] = [];
        many[backend] = [];
        await run('packed-artifacts', backend);
        for (let round = 1; round <= repeats; round += 1) {
          const [one, all] = [await run('packed-artifacts', backend), await run('many-artifacts', backend)];
          packed[backend].push(one);
          many[backend].push(all);
          bench.say(`${backend} ${round}: packed ${one.toFixed(0)} ms, many ${all.toFixed(0)} ms`);
        }
      }
      return {
        title: `${fileCount} files of 3 bytes from one step, beside the same files as one tar`,
        measures: backends.map((backend) => ({
          what: `launch to end on ${backend}; floor: one tar`,
          unit: 'ms',
          floor: median(packed[backend] ?? []),
          gantry: median(many[backend] ?? []),
          target: { ratio: 2 },
        })),
        notes: [
          `Medians of ${repeats} in turns. Both steps write all the files; one packs them and exports the archive.`,
        ],
      };
    } finally {
      await agent.end('SIGTERM');
      await server.stop();
    }
  },
};

export const fileCount = 2_000;

/** Writes the files; with `packed` somewhere else, and their tar where exports are looked for. */
export function writeFilesCommand(packed: boolean): string[] {
  const folder = packed ? '/tmp/files' : '$GANTRY_ARTIFACTS';
  const write = `mkdir -p ${folder}; cd ${folder}; i=0; while [ $i -lt ${fileCount} ]; do echo '{}' > $i.json; i=$((i+1)); done`;
  return ['sh', '-c', packed ? `${write}; tar cf $GANTRY_ARTIFACTS/all.tar .` : write];
}
