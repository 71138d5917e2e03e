/** A set of Compose files, and what becomes of it. */
export interface ComposeCase {
  name: string;
  /** The files of the folder; a text alone is its compose.yaml. */
  files: string | Record<string, string>;
  /** The steps of the `suite.yaml` that says the same; not compared where it is left out. */
  steps?: Record<string, unknown>;
  /** `file:line:column` and the beginning of each message. */
  problems?: string[];
  notices?: string[];
}
