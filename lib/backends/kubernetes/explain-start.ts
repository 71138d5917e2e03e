import path from 'node:path';
import type { StepSpec } from '../../model/step-spec';
import { workingFolder } from '../container-facts';
import { explainFailedStart } from '../explain-start';
import type { FileFacts, ProgramProblem, StepFiles } from '../program-problem';
import type { Terminated } from './objects';
import { startReport } from './step-scripts';

/**
 * Why the step's program was never run, from what its container has left as its last word; null when it ran. Throws
 * AppError `backend_failed` when the working folder cannot be entered.
 */
export async function explainStart(
  step: StepSpec,
  { exitCode, message }: Terminated,
): Promise<ProgramProblem | null> {
  const argv = step.node.command;
  if (argv === null || !message.startsWith(`${startReport} `)) return null;
  const [first = '', ...lines] = message.slice(startReport.length + 1).split('\n');
  const folder = workingFolder(step) ?? '/';
  return explainFailedStart(reportedFiles(lines), step, {
    folder,
    argv,
    searchPath: decode(first),
    exitCode,
  });
}

/** Of a file's mode, as `stat` has them. */
const typeBits = 0xf000;
const types: Record<string, FileFacts['type']> = { 8000: 'file', 4000: 'directory', a000: 'link' };

interface ReportedFile extends FileFacts {
  /** Its first line, so far as it names an interpreter. */
  start: string;
}

function reportedFiles(lines: readonly string[]): StepFiles {
  const files = new Map(
    lines.flatMap((line) => {
      const [mode = '', name = '', more = ''] = line.split(' ');
      const bits = Number.parseInt(mode, 16);
      if (Number.isNaN(bits)) return [];
      const type = types[(bits & typeBits).toString(16)] ?? ('other' as const);
      const facts: ReportedFile = {
        type,
        mode: bits & ~typeBits,
        target: type === 'link' ? decode(more) : null,
        start: type === 'file' ? decode(more) : '',
      };
      return [[path.posix.resolve('/', decode(name)), facts]];
    }),
  );
  return {
    inspect: async (file) => files.get(file) ?? null,
    readStart: async (file) => Buffer.from(`${files.get(file)?.start ?? ''}\n`),
  };
}

function decode(word: string): string {
  return Buffer.from(word, 'base64').toString('utf8');
}
