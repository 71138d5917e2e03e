/** A variable that a shell expands. */
export interface Expansion {
  name: string;
  /** The text as written: `$NAME` or `${NAME`. */
  token: string;
  /** The script provides for the variable not being set, as in `${NAME:-value}`. */
  hasDefault: boolean;
}

export interface Word {
  text: string;
  /** Nothing in the word is expanded: it has no variables, patterns or `~`. */
  isLiteral: boolean;
}

/** The facts about a shell script that can be known without running it. */
export interface ShellScript {
  /** Its simple commands, each as a list of words without redirections. */
  commands: Word[][];
  expansions: Expansion[];
  /** The script has a here-document or computes names, so that the other facts may be wrong. */
  isObscure: boolean;
}

const plain = /[^\s;&|()`<>'"$\\*?[\]~{}]+/y;
const maxDepth = 50;
const endsCommand = new Set(['\n', ';', '&', '|', '(', ')', '`']);

/**
 * Reads a POSIX shell script far enough to know the words of its commands and the variables that it expands. Quotes,
 * comments, line continuations and command substitutions are understood; everything else is taken for plain words.
 */
export function readShellScript(source: string): ShellScript {
  // Most scripts are one command with plain words.
  if (/^[\w ./:=@%+,-]*$/.test(source)) {
    const words = source.split(' ').filter((text) => text !== '');
    return {
      commands: words.length > 0 ? [words.map((text) => ({ text, isLiteral: true }))] : [],
      expansions: [],
      isObscure: false,
    };
  }
  const reader = new ScriptReader(source);
  reader.readCommands(null);
  return reader;
}

class ScriptReader implements ShellScript {
  readonly commands: Word[][] = [];
  readonly expansions: Expansion[] = [];
  isObscure = false;
  private at = 0;
  private depth = 0;

  constructor(private readonly source: string) {}

  /** Reads up to the given closing character, or to the end. */
  readCommands(close: ')' | '`' | null): void {
    let words: Word[] = [];
    while (this.at < this.source.length) {
      const char = this.source.charAt(this.at);
      if (char === close) break;
      if (endsCommand.has(char)) {
        if (words.length > 0) this.commands.push(words);
        words = [];
        this.at++;
      } else if (char === '#') this.skipTo('\n');
      else if (this.isSpace()) this.skipSpace();
      else if (char === '<' || char === '>') this.readRedirection();
      else words.push(this.readWord());
    }
    if (words.length > 0) this.commands.push(words);
    this.at++;
  }

  private readRedirection(): void {
    if (this.source.startsWith('<<', this.at)) this.isObscure = true;
    while (/[<>&|-]/.test(this.source.charAt(this.at))) this.at++;
    while (this.isSpace()) this.skipSpace();
    this.readWord();
  }

  private readWord(): Word {
    const word: Word = { text: '', isLiteral: true };
    while (this.at < this.source.length) {
      const char = this.source.charAt(this.at);
      if (endsCommand.has(char) || char === '<' || char === '>' || this.isSpace()) break;
      if (char === "'") word.text += this.readSingleQuoted();
      else if (char === '"') this.readDoubleQuoted(word);
      else if (char === '$') this.readDollar(word);
      else if (char === '\\') {
        word.text += this.source.charAt(this.at + 1);
        this.at += 2;
      } else word.text += this.readPlain(word);
    }
    return word;
  }

  /** Reads as many characters as have no meaning for the shell, or one that makes a pattern. */
  private readPlain(word: Word): string {
    plain.lastIndex = this.at;
    const found = plain.exec(this.source)?.[0] ?? this.source.charAt(this.at);
    if (/[*?[\]~{}]/.test(found)) word.isLiteral = false;
    this.at += found.length;
    return found;
  }

  private readSingleQuoted(): string {
    const end = this.source.indexOf("'", this.at + 1);
    const text = this.source.slice(this.at + 1, end < 0 ? undefined : end);
    this.at = end < 0 ? this.source.length : end + 1;
    return text;
  }

  private readDoubleQuoted(word: Word): void {
    this.at++;
    while (this.at < this.source.length) {
      const char = this.source.charAt(this.at);
      if (char === '"') break;
      if (char === '$') this.readDollar(word);
      else if (char === '`') this.readSubstitution(word, '`');
      else {
        word.text += char === '\\' ? this.source.charAt(++this.at) : char;
        this.at++;
      }
    }
    this.at++;
  }

  private readDollar(word: Word): void {
    word.isLiteral = false;
    const rest = this.source.slice(this.at, this.at + 300);
    if (rest.startsWith('$(')) {
      this.at++;
      this.readSubstitution(word, ')');
      return;
    }
    const braced = /^\$\{([!#]?)([A-Za-z_]\w*)?/.exec(rest);
    if (braced) {
      this.readBraced(braced);
      return;
    }
    const name = /^\$([A-Za-z_]\w*)/.exec(rest)?.[1];
    if (name !== undefined) this.expansions.push({ name, token: `$${name}`, hasDefault: false });
    // `$1`, `$$`, `$@` are the shell's own.
    this.at += name === undefined ? 1 : name.length + 1;
  }

  private readBraced([opening, mark, name]: RegExpExecArray): void {
    this.at += opening.length;
    if (mark === '!') this.isObscure = true;
    else if (name !== undefined) {
      const operator = this.source.slice(this.at, this.at + 2);
      this.expansions.push({ name, token: `\${${name}`, hasDefault: /^:?[-=+]/.test(operator) });
    }
    this.nested(() => this.readUntilBrace());
  }

  private readUntilBrace(): void {
    const inner: Word = { text: '', isLiteral: false };
    while (this.at < this.source.length) {
      const char = this.source.charAt(this.at);
      if (char === '}') break;
      if (char === '$') this.readDollar(inner);
      else if (char === '"') this.readDoubleQuoted(inner);
      else this.at += char === '\\' ? 2 : 1;
    }
    this.at++;
  }

  private readSubstitution(word: Word, close: ')' | '`'): void {
    word.isLiteral = false;
    this.at++;
    this.nested(() => this.readCommands(close));
  }

  /** Goes one level down, and gives up on a script that is nested as none is. */
  private nested(read: () => void): void {
    if (++this.depth > maxDepth) {
      this.isObscure = true;
      this.at = this.source.length;
    } else read();
    this.depth--;
  }

  private skipTo(char: string): void {
    const found = this.source.indexOf(char, this.at);
    this.at = found < 0 ? this.source.length : found;
  }

  private isSpace(): boolean {
    return /[ \t\r]/.test(this.source.charAt(this.at)) || this.source.startsWith('\\\n', this.at);
  }

  private skipSpace(): void {
    this.at += this.source.charAt(this.at) === '\\' ? 2 : 1;
  }
}
