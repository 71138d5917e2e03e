/** The words of a command, and what of it the Compose tool loses. */
export interface ShellWords {
  words: string[];
  /** The rest from the first unquoted `|`, `;`, `&`, `<` or `>` on, which the tool drops; null if there is none. */
  dropped: string | null;
  /** A backslash within double quotes was taken away, whatever came after it. */
  losesBackslash: boolean;
}

interface Quotes {
  double: boolean;
  single: boolean;
  back: boolean;
  dollar: boolean;
}

/**
 * Splits a command that is one text as the Compose tool does (github.com/mattn/go-shellwords without its options). No
 * variable is expanded. Null: the tool refuses the text, because a quote or a parenthesis is open.
 */
export function splitShellWords(text: string): ShellWords | null {
  const quotes: Quotes = { double: false, single: false, back: false, dollar: false };
  const words: string[] = [];
  let word = '';
  let hasWord = false;
  let isEscaped = false;
  let losesBackslash = false;
  let dropped: string | null = null;
  for (const [index, char] of [...text].entries()) {
    if (isEscaped) {
      word += char === 't' ? '\t' : char === 'n' ? '\n' : char;
      isEscaped = false;
      hasWord = true;
    } else if (char === '\\' && !quotes.single) {
      isEscaped = true;
      losesBackslash ||= quotes.double && !/["\\$`]/.test([...text][index + 1] ?? '');
    } else if (/[ \t\r\n]/.test(char)) {
      if (isQuoted(quotes)) word += char;
      else if (hasWord) {
        words.push(word);
        word = '';
        hasWord = false;
      }
    } else if (char === '"' && !quotes.single && !quotes.dollar) {
      if (quotes.double) hasWord = true;
      quotes.double = !quotes.double;
    } else if (char === "'" && !quotes.double && !quotes.dollar) {
      if (quotes.single) hasWord = true;
      quotes.single = !quotes.single;
    } else if (/[;&|<>]/.test(char) && !isQuoted(quotes)) {
      dropped = [...text].slice(index).join('');
      // A file descriptor before `>` goes with it.
      if (char === '>' && /^[0-9]/.test(word)) hasWord = false;
      break;
    } else {
      if (!toggle(quotes, char, word)) return null;
      word += char;
      hasWord = true;
    }
  }
  if (hasWord) words.push(word);
  return isEscaped || isQuoted(quotes) ? null : { words, dropped, losesBackslash };
}

/** Follows backticks and `$(…)`. False for a parenthesis that the tool refuses. */
function toggle(quotes: Quotes, char: string, word: string): boolean {
  if (char === '`' && !quotes.single && !quotes.double && !quotes.dollar) quotes.back = !quotes.back;
  if (char === ')' && !quotes.single && !quotes.double && !quotes.back) quotes.dollar = !quotes.dollar;
  if (char === '(' && !quotes.single && !quotes.double && !quotes.back) {
    if (quotes.dollar || !word.endsWith('$')) return false;
    quotes.dollar = true;
  }
  return true;
}

function isQuoted({ double, single, back, dollar }: Quotes): boolean {
  return double || single || back || dollar;
}
