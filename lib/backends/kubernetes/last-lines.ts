import type { Cluster } from './cluster';
import { refusalStatus } from './cluster-errors';
import { lineMark } from './log-marks';
import { companionContainer, mainContainer } from './objects';
import { findOwnPod, type OwnPod } from './own-pod';
import { endOfStderr } from './pod-scripts';

const maxBytes = 1024 * 1024;

/** See `Backend.readLastLines`: of both streams, by their times. */
export async function readLastLines(cluster: Cluster, own: OwnPod, lines: number): Promise<string> {
  await findOwnPod(cluster, own);
  const logs = await Promise.all(
    [mainContainer, companionContainer].map((container) => readTail(cluster, own, container, lines)),
  );
  return logs
    .flat()
    .filter(({ text }) => text !== endOfStderr)
    .flatMap(({ time, text }) => {
      const mark = lineMark(Buffer.from(`${text}\n`));
      const shown = mark ? mark.rest.toString() : text;
      return mark && shown === '' ? [] : [{ time, text: shown }];
    })
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    .slice(-lines)
    .map(({ text }) => `${text}\n`)
    .join('');
}

/** Empty for a container that has not started. */
async function readTail(
  cluster: Cluster,
  { namespace, pod }: OwnPod,
  container: string,
  lines: number,
): Promise<{ time: string; text: string }[]> {
  const query = { container, timestamps: true, tailLines: lines, limitBytes: maxBytes };
  try {
    const answer = await cluster.request(
      'read the log of a pod',
      `/api/v1/namespaces/${namespace}/pods/${pod}/log`,
      { query },
    );
    return String(answer ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const at = line.indexOf(' ');
        return { time: line.slice(0, at), text: line.slice(at + 1) };
      });
  } catch (error) {
    if (refusalStatus(error) === 400) return [];
    throw error;
  }
}
