import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { ApiClient } from '../../client/api-client';
import { messageOf } from '../../model/errors';

/** What every tool gets. */
export interface ToolContext {
  api: ApiClient;
}

/** An answer as text, and as data for programs. */
export function answer(lines: readonly string[], data: Record<string, unknown>): CallToolResult {
  return { content: [{ type: 'text', text: lines.join('\n') }], structuredContent: data };
}

/** Runs a tool. What the control plane refuses is an answer with its reason, which the caller can act on. */
export async function answered(work: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    return { content: [{ type: 'text', text: messageOf(error) }], isError: true };
  }
}
