import type { OutputLine } from '../../model/log-line';
import type { JobLines } from '../../store/agent-store';
import type { StepWatch } from '../backend';
import type { RemoteDependencies } from './dependencies';

/** Lines delivered before so many bytes are stored for good: no receiver holds that much back. */
const keptBytes = 16 * 1024 * 1024;

/** Hands on the lines of a job that the receiver does not have yet, and forgets those it surely has. */
export function createLineReader(
  { jobs }: Pick<RemoteDependencies, 'jobs'>,
  jobId: string,
  watch: Pick<StepWatch, 'resumeAfter' | 'onLines'>,
  { beforeOutput }: { beforeOutput(): void },
): { readTo(seq: number): Promise<void> } {
  const known = watch.resumeAfter ?? { stdout: 0, stderr: 0 };
  const delivered: { lastSeq: number; bytes: number }[] = [];
  let keptNow = 0;
  let readSeq = 0;

  async function deliver(chunk: JobLines): Promise<void> {
    const lines = unknownOf(chunk, known);
    readSeq = chunk.lastSeq;
    if (lines.length === 0) return;
    if (lines.some(({ stream }) => stream !== 'system')) beforeOutput();
    await watch.onLines(lines);
    const bytes = lines.reduce((sum, { text }) => sum + text.length + 1, 0);
    delivered.push({ lastSeq: chunk.lastSeq, bytes });
    keptNow += bytes;
  }

  async function forgetOld(): Promise<void> {
    let toSeq = 0;
    while (keptNow > keptBytes) {
      const oldest = delivered.shift();
      if (!oldest) break;
      keptNow -= oldest.bytes;
      toSeq = oldest.lastSeq;
    }
    if (toSeq > 0) await jobs.forgetLines(jobId, toSeq);
  }

  return {
    async readTo(seq) {
      while (readSeq < seq) {
        const chunks = await jobs.lines(jobId, readSeq);
        if (chunks.length === 0) return;
        for (const chunk of chunks) await deliver(chunk);
        await forgetOld();
      }
    },
  };
}

/** Gantry's own lines are not counted: they come again with what they stand before. */
function unknownOf({ before, lines }: JobLines, known: { stdout: number; stderr: number }): OutputLine[] {
  const count = { ...before };
  return lines.filter(({ stream }) => {
    if (stream === 'system') return count.stdout >= known.stdout && count.stderr >= known.stderr;
    count[stream] += 1;
    return count[stream] > known[stream];
  });
}
