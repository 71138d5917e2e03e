import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import type { LogLine } from '../../model/log-line';
import { executionStatus } from '../../model/status-schema';
import { statusWords } from '../format';
import { readLastLines } from '../run/read-lines';
import { answer, answered, type ToolContext } from './answers';
import { executionFacts, executionLines } from './describe-execution';

const executionId = z.string().min(1).max(100).describe('The id of an execution.');
const readOnly = { readOnlyHint: true, openWorldHint: false };
const shownFaults = 5;
const linesOfFault = 20;

/** Tools that change nothing. */
export function addLookingTools(server: McpServer, context: ToolContext): void {
  addListSuites(server, context);
  addListExecutions(server, context);
  addExplainFailure(server, context);
  addReadLog(server, context);
}

function addListSuites(server: McpServer, { api }: ToolContext): void {
  server.registerTool(
    'list_suites',
    {
      title: 'List suites',
      description:
        'The integration test suites that can be launched, with their profiles and backends, and what is wrong with those that cannot.',
      inputSchema: {},
      annotations: readOnly,
    },
    () =>
      answered(async () => {
        const [launchable, all] = await Promise.all([
          api.get('/api/v1/executions/launch-suites', {}),
          api.get('/api/v1/suites', {}),
        ]);
        const invalid = all.items.filter(({ problems }) => problems.length > 0);
        const suites = launchable.map(({ id, title, description, profiles, backends }) => ({
          id,
          title,
          description,
          profiles: profiles.map(({ name, default: isDefault }) => ({ name, default: isDefault })),
          backends: backends.map((each) => ({
            id: each.id,
            label: each.label,
            available: each.available,
            reason: each.reason,
          })),
        }));
        const lines = suites.map(
          ({ id, title, profiles }) =>
            `${id}: ${title} (profiles: ${profiles.map(({ name }) => name).join(', ')})`,
        );
        const notValid = invalid.flatMap(({ folder, problems }) =>
          problems.map(
            ({ file, line, column, message }) => `not valid: ${folder}/${file}:${line}:${column}: ${message}`,
          ),
        );
        return answer([...lines, ...notValid], { suites, notValid });
      }),
  );
}

function addListExecutions(server: McpServer, { api }: ToolContext): void {
  server.registerTool(
    'list_executions',
    {
      title: 'List executions',
      description: 'Executions, newest first.',
      inputSchema: {
        suite: z.string().optional().describe('The id of a suite.'),
        status: executionStatus.optional(),
        limit: z.int().min(1).max(100).default(20),
      },
      annotations: readOnly,
    },
    ({ suite, status, limit }) =>
      answered(async () => {
        const { items } = await api.get('/api/v1/executions', { query: { suite, status, limit } });
        const executions = items.map((each) => ({
          id: each.id,
          suite: each.suite.id,
          profile: each.profile,
          status: each.status,
          createdAt: each.createdAt,
          author: each.author,
          cause: each.cause?.sentence ?? null,
        }));
        const lines = executions.map(
          (each) =>
            `${each.id} ${each.suite} ${statusWords(each.status)} ${each.createdAt}${each.cause ? `: ${each.cause}` : ''}`,
        );
        return answer(lines.length > 0 ? lines : ['There are none.'], { executions });
      }),
  );
}

function addExplainFailure(server: McpServer, { api }: ToolContext): void {
  server.registerTool(
    'explain_failure',
    {
      title: 'Explain a failure',
      description:
        'Why an execution did not pass: each step that went wrong by itself, its reason, what to do about it, the steps that it took along, and the last lines of its output with their numbers.',
      inputSchema: { execution: executionId },
      annotations: readOnly,
    },
    ({ execution: id }) =>
      answered(async () => {
        const execution = await api.get('/api/v1/executions/{id}', { params: { id } });
        const logs: { step: string; lines: { seq: number; text: string }[] }[] = [];
        for (const { stepId } of execution.faults.slice(0, shownFaults)) {
          const lines = await readLastLines(api, id, stepId, linesOfFault);
          logs.push({ step: stepId, lines: lines.map(({ seq, text }) => ({ seq, text })) });
        }
        return answer(
          [
            ...executionLines(api, execution),
            ...logs.flatMap(({ step, lines }) => [
              '',
              lines.length > 0 ? `Last lines of ${step}:` : `${step} printed nothing.`,
              ...lines.map(({ seq, text }) => `${seq}: ${text}`),
            ]),
          ],
          { ...executionFacts(api, execution), logs },
        );
      }),
  );
}

function addReadLog(server: McpServer, { api }: ToolContext): void {
  server.registerTool(
    'read_log',
    {
      title: 'Read a log',
      description:
        "Lines of a step's output around one of them, or its last lines, or with `contains` the lines in which a text stands. Lines have the numbers that `explain_failure` shows.",
      inputSchema: {
        execution: executionId,
        step: z.string().min(1).max(300).describe('The id of a step.'),
        line: z.int().min(1).optional().describe('The number of a line that stands in the middle.'),
        contains: z.string().min(1).max(500).optional().describe('A text, in whatever case.'),
        limit: z.int().min(1).max(500).default(50).describe('How many lines at the most.'),
      },
      annotations: readOnly,
    },
    ({ execution: id, step, line, contains, limit }) =>
      answered(async () => {
        const lines = await read();
        const shown = lines.map(({ seq, at, stream, text }) => ({ seq, at, stream, text }));
        const texts = shown.map(({ seq, text }) => `${seq}: ${text}`);
        return answer(texts.length > 0 ? texts : ['There are no such lines.'], { lines: shown });

        async function read(): Promise<LogLine[]> {
          const params = { id };
          // A step that is not there is an error, not an empty log.
          await api.get('/api/v1/executions/{id}/steps/{step}', { params: { id, step } });
          if (line === undefined && contains === undefined) return readLastLines(api, id, step, limit);
          const where = line === undefined ? { q: contains } : { around: line };
          const page = await api.get('/api/v1/executions/{id}/logs', {
            params,
            query: { step, limit, ...where },
          });
          return page.items;
        }
      }),
  );
}
