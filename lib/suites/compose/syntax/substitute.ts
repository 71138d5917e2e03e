import { ComposeError } from './problem';

/** The variables of an interpolation. */
export interface Variables {
  /** Undefined for a variable that is not set. */
  lookup(name: string): string | undefined;
  /** A variable without a value and without a default became empty. */
  onMissing?(name: string): void;
}

const variable = /\$(?:(\$)|([_a-z][_a-z0-9]*)|(\{))/gi;
const braced = /^([_a-z][_a-z0-9]*)(?:(:?[-?+])([\s\S]*))?$/i;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?why}`, `${NAME?why}`, `${NAME:+other}`,
 * `${NAME+other}`, nested ones included, and `$$` by one dollar sign. Any other dollar sign stays. Throws ComposeError.
 */
export function substitute(text: string, variables: Variables): string {
  let result = '';
  let rest = text;
  for (;;) {
    variable.lastIndex = 0;
    const match = variable.exec(rest);
    if (!match) return result + rest;
    result += rest.slice(0, match.index);
    rest = rest.slice(match.index);
    if (match[1]) {
      result += '$';
      rest = rest.slice(2);
    } else if (match[2]) {
      result += valueOfVariable(match[2], variables);
      rest = rest.slice(match[2].length + 1);
    } else {
      const end = closingBrace(rest);
      if (end < 0) throw invalid(text);
      result += expand(rest.slice(2, end), variables, text);
      rest = rest.slice(end + 1);
    }
  }
}

function expand(expression: string, variables: Variables, whole: string): string {
  const [, name, operator, operand = ''] = braced.exec(expression) ?? [];
  if (name === undefined) throw invalid(whole);
  if (operator === undefined) return valueOfVariable(name, variables);
  const value = variables.lookup(name);
  const isThere = value !== undefined && (value !== '' || !operator.startsWith(':'));
  if (operator.endsWith('-')) return isThere ? value : substitute(operand, variables);
  if (operator.endsWith('+')) return isThere ? substitute(operand, variables) : (value ?? '');
  if (isThere) return value;
  const why = substitute(operand, variables);
  throw new ComposeError(
    `expected a value for the variable ${name}, found none${why === '' ? '' : `: ${why}`}; set it in .env`,
  );
}

function valueOfVariable(name: string, { lookup, onMissing }: Variables): string {
  const value = lookup(name);
  if (value === undefined) onMissing?.(name);
  return value ?? '';
}

/** Braces within are counted whether they belong to a variable or not; where they do not fit, the last one closes. */
function closingBrace(text: string): number {
  let open = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '}') {
      open -= 1;
      if (open === 0) return index;
    } else if (text[index] === '{') {
      open += 1;
      index += 1;
    }
  }
  return text.lastIndexOf('}');
}

function invalid(text: string): ComposeError {
  return new ComposeError(
    `expected \${NAME}, \${NAME:-default}, \${NAME:?why}, \${NAME:+other} or $$ for a dollar sign, found ${JSON.stringify(text)}`,
  );
}
