import { load, YAMLException } from 'js-yaml';
import type { SuiteProblem } from '../../../model/suite';
import { type Issue, quote } from '../issue';
import { coreSchema } from './core-schema';
import { createPositions, type Positions, type TextPosition } from './positions';
import { maxDepth, settleValues } from './settle-values';

export interface YamlFile {
  /** Plain JSON; undefined when the file cannot be read at all. */
  value: unknown;
  /** Mistakes in the YAML itself. */
  problems: SuiteProblem[];
  /** Finds the line and column of an issue. */
  locate(issue: Issue): SuiteProblem;
  /** Finds the first occurrence of a text within the value at a path. */
  locateText(path: readonly string[], text: string): TextPosition;
}

/**
 * Reads YAML 1.2. js-yaml reads 5,000 steps in 50 ms and 15 MB, but keeps no positions; yaml knows the position of
 * everything and takes 500 ms and 200 MB. So the first reads the values, and the second is used only to locate problems.
 */
export function readYaml(file: string, text: string): YamlFile {
  let positions: Positions | undefined;
  const askPositions = () => {
    positions ??= createPositions(text);
    return positions;
  };
  const locate = ({ path, on, message }: Issue): SuiteProblem => ({
    file,
    ...askPositions().find(path, on),
    message,
  });
  const locateText = (path: readonly string[], token: string) => askPositions().findText(path, token);
  const settled = (value: unknown, problems: SuiteProblem[] = []): YamlFile => {
    const { tooLarge, issues } = settleValues(value);
    return tooLarge
      ? { value: undefined, problems: [...problems, locate(tooLarge)], locate, locateText }
      : { value, problems: [...problems, ...issues.map(locate)], locate, locateText };
  };
  try {
    return settled(load(text, { schema: coreSchema }) ?? null);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const duplicates = isDuplicate(error) ? askPositions().duplicates() : [];
    if (duplicates.length > 0) {
      const problems = duplicates.map((duplicate) => ({ file, ...duplicate }));
      return settled(load(text, { schema: coreSchema, json: true }), problems);
    }
    // In a very large file the first mistake is reported alone.
    const problems = syntaxProblems(text, error, askPositions);
    return {
      value: undefined,
      problems: problems.map((problem) => ({ file, ...problem })),
      locate,
      locateText,
    };
  }
}

function syntaxProblems(
  text: string,
  error: YAMLException,
  askPositions: () => Positions,
): Omit<SuiteProblem, 'file'>[] {
  const { mark } = error;
  const position = mark ? { line: mark.line + 1, column: mark.column + 1 } : { line: 1, column: 1 };
  if (error.reason.startsWith('nesting exceeded')) {
    return [{ ...position, message: `expected at most ${maxDepth} levels of nesting, found more` }];
  }
  const tag = /^unknown tag !<(.*)>$/.exec(error.reason)?.[1];
  if (tag !== undefined && mark) {
    const written = tag.replace(/^tag:yaml\.org,2002:/, '!!');
    const column = mark.column - (mark.position - Math.max(0, text.lastIndexOf(written, mark.position)));
    const message = `expected plain YAML, found the tag ${written}; tags are not supported`;
    return [{ line: position.line, column: Math.max(1, column + 1), message }];
  }
  if (isDuplicate(error)) {
    const key = /^["']?([\w./-]*)/.exec(text.slice(mark?.position ?? 0))?.[1] ?? '';
    return [{ ...position, message: `expected each key once, found ${quote(key)} again` }];
  }
  const all = askPositions().syntaxErrors();
  return all.length > 0 ? all : [{ ...position, message: `not valid YAML: ${error.reason}` }];
}

function isDuplicate({ reason }: YAMLException): boolean {
  return reason.startsWith('duplicated mapping key');
}
