import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A suite of one step that prints lines of 100 characters at a pace; each begins with the time of its print. */
export async function writePrinter(
  suites: string,
  id: string,
  { seconds, linesPerSecond }: { seconds: number; linesPerSecond: number },
): Promise<void> {
  const perTick = Math.max(1, Math.round(linesPerSecond / 10));
  const script = `
    let left = ${seconds * linesPerSecond};
    const timer = setInterval(() => {
      const count = Math.min(left, ${perTick});
      process.stdout.write((Date.now() + ' ').padEnd(99, '.').concat('\\n').repeat(count));
      left -= count;
      if (left === 0) clearInterval(timer);
    }, ${Math.round((perTick / linesPerSecond) * 1000)});`;
  const step = {
    kind: 'task',
    image: 'gantry/toolbox:local',
    run: ['node', '-e', script.replace(/\s+/g, ' ').trim()],
    timeout: '10m',
  };
  await mkdir(path.join(suites, id), { recursive: true });
  // JSON is YAML.
  await writeFile(
    path.join(suites, id, 'suite.yaml'),
    JSON.stringify({ title: id, steps: { printer: step } }),
  );
}
