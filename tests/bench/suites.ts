import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFilesCommand } from './artifacts';
import { inputSuites } from './inputs';

export interface ShapeStep {
  id: string;
  after: string[];
}

/** One-shot steps that do next to nothing, in an order. */
export interface Shape {
  name: string;
  steps: ShapeStep[];
  /** What each of them runs; else `oneShotCommand`. */
  command?: string[];
}

const tenInOrder = numbered(10).map((id, index, all) => ({
  id,
  after: all.slice(Math.max(0, index - 1), index),
}));

export const shapes = {
  chain: { name: 'chain', steps: tenInOrder },
  slowChain: { name: 'slow-chain', steps: tenInOrder, command: ['sh', '-c', 'echo done; sleep 0.5'] },
  diamond: {
    name: 'diamond',
    steps: [
      { id: 'first', after: [] },
      ...numbered(8).map((id) => ({ id, after: ['first'] })),
      { id: 'last', after: numbered(8) },
    ],
  },
  independent: { name: 'independent', steps: numbered(50).map((id) => ({ id, after: [] })) },
  one: { name: 'one', steps: [{ id: 'only', after: [] }] },
} satisfies Record<string, Shape>;

export const image = 'gantry/toolbox:local';
export const oneShotCommand = ['sh', '-c', 'echo done'];

/** Lines of 100 characters as fast as they are taken, each with its number and the time at which it was made. */
export function printCommand(lines: number): string[] {
  const script = `
    const { once } = require('node:events');
    (async () => {
      for (let first = 1; first <= ${lines}; first += 500) {
        const at = Date.now();
        let text = '';
        for (let number = first; number < first + 500 && number <= ${lines}; number += 1) {
          const word = number % 1000 === 0 ? 'checkpoint' : 'line';
          text += (word + ' ' + String(number).padStart(7, '0') + ' ' + at + ' ').padEnd(100, 'abcdefghij') + '\\n';
        }
        if (!process.stdout.write(text)) await once(process.stdout, 'drain');
      }
    })();`;
  return ['node', '-e', script.replace(/\s+/g, ' ').trim()];
}

/** The time, once a second. */
export const tickCommand = ['node', '-e', 'setInterval(() => console.log(String(Date.now())), 1000)'];

export const manyLines = 1_000_000;
const fewLines = 20_000;

/** Every suite of the bench, below `folder`. `idOf` makes its id. */
export async function writeSuites(folder: string, idOf: (name: string) => string): Promise<void> {
  const write = async (name: string, steps: Record<string, unknown>) => {
    await mkdir(path.join(folder, idOf(name)), { recursive: true });
    // JSON is YAML.
    await writeFile(path.join(folder, idOf(name), 'suite.yaml'), JSON.stringify({ title: name, steps }));
  };
  const all: Shape[] = Object.values(shapes);
  for (const { name, steps, command = oneShotCommand } of all) {
    await write(name, Object.fromEntries(steps.map(({ id, after }) => [id, { ...task(command), after }])));
  }
  await write('lines', { printer: task(printCommand(manyLines)) });
  await write('few-lines', { printer: task(printCommand(fewLines)) });
  await write('own-process', {
    only: { kind: 'task', run: oneShotCommand, timeout: '1m' },
  });
  await write('many-artifacts', { writer: { ...task(writeFilesCommand(false)), export: ['**'] } });
  await write('packed-artifacts', { writer: { ...task(writeFilesCommand(true)), export: ['**'] } });
  for (const [name, steps] of Object.entries(inputSuites())) await write(name, steps);
  await write('ticks', { ticker: task(tickCommand) });
}

function task(run: string[]) {
  return { kind: 'task', image, run, timeout: '10m' };
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `step-${index + 1}`);
}
