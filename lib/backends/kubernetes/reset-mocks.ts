import type { Clock } from '../../clock';
import type { StepSpec } from '../../model/step-spec';
import { labelNames } from '../labels';
import { resetMocks } from '../reset-mocks';
import type { Cluster } from './cluster';
import { execInPod } from './exec';
import { keyOf } from './names';
import { companionContainer, type Pod } from './objects';
import { busybox, httpRequestScript } from './pod-scripts';

const execLimitMs = 15_000;
const maxAnswerChars = 4_096;

/** By the companion in the mock's pod: Gantry itself may reach no pod. */
export async function resetMocksInPods(
  context: { clock: Clock; cluster: Cluster; watch: { known(): Pod[] } },
  step: StepSpec,
  stop: AbortSignal,
): Promise<void> {
  await resetMocks(step, stop, async ({ stepId, method, port, path }, signal) => {
    const pod = context.watch
      .known()
      .find(
        ({ metadata, status }) =>
          metadata.annotations[keyOf(labelNames.execution)] === step.executionId &&
          metadata.annotations[keyOf(labelNames.step)] === stepId &&
          metadata.deletionTimestamp == null &&
          status.phase === 'Running',
      );
    if (!pod) throw new Error('its pod does not run');
    const request = `${method} ${path} HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: gantry\r\nContent-Length: 0\r\n\r\n`;
    const script = httpRequestScript(execLimitMs / 1_000 - 1);
    const argv = [busybox, 'sh', '-c', script, 'reset', String(port), request];
    const target = {
      namespace: pod.metadata.namespace,
      pod: pod.metadata.name,
      container: companionContainer,
    };
    let answer = '';
    const { complaint } = await execInPod(
      context,
      target,
      argv,
      execLimitMs,
      async (output) => {
        const decoder = new TextDecoder();
        for await (const chunk of output)
          if (answer.length < maxAnswerChars) answer += decoder.decode(chunk, { stream: true });
      },
      { signal },
    );
    const status = /^HTTP\/\d\.\d (\d{3})/.exec(answer)?.[1];
    if (status === undefined)
      throw new Error(
        complaint
          .replace(/^Terminated$/m, '')
          .trim()
          .replace(/^nc: /, '') || 'the answer is not HTTP',
      );
    return Number(status);
  });
}
