import type { ApiClient } from '../../client/api-client';
import type { ExitCode } from '../exit-codes';
import type { CommandContext, Terminal } from '../terminal';

/** What the definitions of commands need: what they do is loaded only when it is done. */
export interface Cli {
  terminal: Terminal;
  /** The folder of the package, with `lib` below it. */
  root: string;
  contextsFile: string;
  /** How the control plane is reached, as options and environment say. */
  connection(): { url?: string; token?: string; context?: string; data: string };
  context(): CommandContext;
  api(): Promise<ApiClient>;
  exitWith(code: ExitCode | number): void;
}
