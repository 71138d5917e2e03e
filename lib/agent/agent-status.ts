/** The content of the agent's health page. */
export interface AgentStatus {
  isConnected: boolean;
  problem: string | null;
  jobs: number;
}
