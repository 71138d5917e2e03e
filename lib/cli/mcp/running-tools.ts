import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { type Clock, systemClock } from '../../clock';
import { applyEvents, executionFromFirstEvent } from '../../model/apply-event';
import type { Execution, ExecutionSummary } from '../../model/execution';
import { isFinalExecution } from '../../model/status';
import { statusWords } from '../format';
import { answer, answered, type ToolContext } from './answers';
import { executionFacts, executionLines } from './describe-execution';

const executionId = z.string().min(1).max(100).describe('The id of an execution.');
const starts = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };
const longestWaitSeconds = 3_600;

/** Tools that start, follow and end executions. What the token may not do is refused by the control plane. */
export function addRunningTools(server: McpServer, context: ToolContext): void {
  const { api } = context;
  const launched = (summary: ExecutionSummary) =>
    answer(
      [
        `Launched execution ${summary.id} of ${summary.suite.id}: ${statusWords(summary.status)}`,
        `${api.url}/executions/${summary.id}`,
        'Wait for its end with wait_for_execution.',
      ],
      { id: summary.id, page: `${api.url}/executions/${summary.id}`, status: summary.status },
    );

  server.registerTool(
    'launch_suite',
    {
      title: 'Launch a suite',
      description: 'Starts an execution of a suite and answers with its id. Needs a token of a member.',
      inputSchema: {
        suite: z.string().min(1).describe('The id of a suite, as list_suites shows it.'),
        profile: z.string().optional().describe("Without it the suite's default one."),
        backend: z.string().optional().describe('The id of a backend; without it the first available.'),
        env: z.record(z.string(), z.string()).optional().describe('Variables for every step. No secrets.'),
        labels: z.record(z.string(), z.string()).optional(),
        onlySteps: z
          .array(z.string())
          .min(1)
          .optional()
          .describe('Ids of steps: they run with all that they wait for, and nothing else does.'),
      },
      annotations: starts,
    },
    ({ suite, ...request }) =>
      answered(async () =>
        launched(await api.post('/api/v1/executions', { body: { suiteId: suite, ...request } })),
      ),
  );

  server.registerTool(
    'rerun_execution',
    {
      title: 'Rerun an execution',
      description:
        'Launches what an ended execution ran again, all of it or only what failed. Needs a token of a member.',
      inputSchema: { execution: executionId, only: z.enum(['all', 'failed']).default('all') },
      annotations: starts,
    },
    ({ execution: id, only }) =>
      answered(async () =>
        launched(await api.post('/api/v1/executions/{id}/rerun', { params: { id }, body: { only } })),
      ),
  );

  server.registerTool(
    'cancel_execution',
    {
      title: 'Cancel an execution',
      description: 'Asks for the end of an execution. Needs a token of a member.',
      inputSchema: { execution: executionId },
      annotations: { ...starts, destructiveHint: true, idempotentHint: true },
    },
    ({ execution: id }) =>
      answered(async () => {
        const { status } = await api.post('/api/v1/executions/{id}/cancel', { params: { id } });
        return answer([`Asked for the end of execution ${id}: ${statusWords(status)}`], { id, status });
      }),
  );

  addWait(server, context);
}

/** It follows the events, so that the client hears of each step that ends. */
function addWait(server: McpServer, { api }: ToolContext, clock: Clock = systemClock): void {
  server.registerTool(
    'wait_for_execution',
    {
      title: 'Wait for an execution',
      description:
        'Waits until an execution has ended, or for as long as is said, and answers how it stands: its status, what went wrong, and what still runs or waits.',
      inputSchema: {
        execution: executionId,
        seconds: z
          .int()
          .min(0)
          .max(longestWaitSeconds)
          .default(300)
          .describe('How long it waits at the most.'),
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ execution: id, seconds }, { signal, sendNotification, _meta }) =>
      answered(async () => {
        const params = { id };
        const first = await api.get('/api/v1/executions/{id}', { params });
        const over = new AbortController();
        const stop = AbortSignal.any([over.signal, signal]);
        const until = clock.sleep(seconds * 1_000, stop).then(() => over.abort());
        let known: Execution | null = null;
        let told = -1;
        const stream =
          seconds === 0 || isFinalExecution(first.status)
            ? []
            : api.stream('/api/v1/executions/{id}/events', { params, signal: stop });
        try {
          for await (const { data } of stream) {
            known = known ? applyEvents(known, [data]) : executionFromFirstEvent(id, data);
            const ended = known.steps.filter(({ finishedAt }) => finishedAt !== null).length;
            const progressToken = _meta?.progressToken;
            if (ended === told || progressToken === undefined) continue;
            told = ended;
            const message = `${ended} of ${known.steps.length} steps have ended`;
            await sendNotification({
              method: 'notifications/progress',
              params: { progressToken, progress: ended, total: known.steps.length, message },
            });
          }
        } catch (error) {
          if (!stop.aborted) throw error;
        } finally {
          over.abort();
          await until;
        }
        const execution = await api.get('/api/v1/executions/{id}', { params });
        return answer(executionLines(api, execution), executionFacts(api, execution));
      }),
  );
}
