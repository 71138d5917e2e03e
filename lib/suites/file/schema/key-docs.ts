declare module 'zod' {
  /** The documentation of a key, given with `.meta({…})`. It feeds the JSON Schemas and the key tables of docs/suites.md. */
  interface GlobalMeta {
    /** Describes in one or two sentences of Markdown what the key does. */
    description?: string;
    /** Lists values as a suite writes them. The key table shows the first one. */
    examples?: unknown[];
    /** Describes in Markdown what holds without the key, if the schema has no default. A single `literal` is a default too. */
    whenAbsent?: string;
    /** Names the heading of docs/suites.md, or the file beside it, with more about the key. */
    see?: string;
  }
}

export {};
