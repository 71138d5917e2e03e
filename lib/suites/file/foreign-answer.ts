/** The answer to a key of another tool: what to write in Gantry instead. */
export interface Answer {
  /** Continues `unknown key "depends_on"; …`. */
  advice: string;
  /** One line of YAML for the same mapping, or for the file whose name it begins with; null if there is nothing to write. */
  example: string | null;
}

export const use = (key: string, example: string): Answer => ({ advice: `use "${key}"`, example });
export const say = (advice: string, example: string | null): Answer => ({ advice, example });
