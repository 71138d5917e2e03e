/** What the agent's own health page tells. */
export interface AgentStatus {
  isConnected: boolean;
  problem: string | null;
  jobs: number;
}
