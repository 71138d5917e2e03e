/** The receiver of the pieces of an XML text. */
export interface CdataParts {
  /** Everything but the content of CDATA sections and comments. */
  onMarkup(text: string): void;
  /** The content of CDATA sections, in pieces. */
  onCdata(text: string): void;
  /** A section has no end. Its content is taken to end before the first line that begins with a closing tag. */
  onUnclosed(): void;
}

/** Takes CDATA sections and comments out of an XML text, so that megabytes of captured output are never held. */
export interface CdataSplitter {
  write(text: string): void;
  end(): void;
}

const cdataStart = '<![CDATA[';
const commentStart = '<!--';
/** The parser gets this in the place of a section. */
export const emptyCdata = `${cdataStart}]]>`;
/** A section up to this length, in characters, is held until its end is found, because it may have none. */
const maxHeld = 1024 * 1024;
const closingLine = /\n[ \t]*<\/[A-Za-z]/;

type State = 'markup' | 'cdata' | 'comment';

const ends = { cdata: ']]>', comment: '-->' } as const;

export function createCdataSplitter(parts: CdataParts): CdataSplitter {
  let state: State = 'markup';
  /** The end of the text so far that may begin a delimiter. */
  let tail = '';
  /** The section that is open, from its start; null when it is too long to be held. */
  let held: string[] | null = null;
  let heldLength = 0;

  const hold = (text: string) => {
    if (text === '') return;
    if (held === null) return parts.onCdata(text);
    held.push(text);
    heldLength += text.length;
    if (heldLength > maxHeld) release();
  };
  const release = () => {
    for (const text of held ?? []) parts.onCdata(text);
    held = null;
  };

  const split = (text: string, canEnd: boolean) => {
    let rest = text;
    for (;;) {
      if (state === 'markup') {
        const { at, next } = findStart(rest);
        if (next === null) {
          const kept = heldBack(rest, [cdataStart, commentStart]);
          if (rest.length > kept) parts.onMarkup(rest.slice(0, rest.length - kept));
          tail = kept > 0 ? rest.slice(-kept) : '';
          return;
        }
        if (at > 0) parts.onMarkup(rest.slice(0, at));
        if (next === 'cdata') {
          parts.onMarkup(emptyCdata);
          held = [];
          heldLength = 0;
        }
        rest = rest.slice(at + (next === 'cdata' ? cdataStart : commentStart).length);
        state = next;
        continue;
      }
      const end = ends[state];
      const at = canEnd ? rest.indexOf(end) : -1;
      if (at < 0) {
        const kept = heldBack(rest, [end]);
        if (state === 'cdata') hold(rest.slice(0, rest.length - kept));
        tail = kept > 0 ? rest.slice(-kept) : '';
        return;
      }
      if (state === 'cdata') {
        hold(rest.slice(0, at));
        release();
      }
      rest = rest.slice(at + end.length);
      state = 'markup';
    }
  };

  return {
    write(text) {
      const given = tail + text;
      tail = '';
      split(given, true);
    },
    end() {
      while (state === 'cdata' && held !== null) {
        const content: string = held.join('') + tail;
        tail = '';
        const at = content.search(closingLine);
        held = [content.slice(0, at < 0 ? content.length : at)];
        release();
        parts.onUnclosed();
        if (at < 0) return;
        state = 'markup';
        // No section in what is left has an end either.
        split(content.slice(at), false);
      }
      if (state === 'cdata') parts.onUnclosed();
      if (state === 'markup' && tail !== '') parts.onMarkup(tail);
    },
  };
}

function findStart(text: string): { at: number; next: Exclude<State, 'markup'> | null } {
  const cdata = text.indexOf(cdataStart);
  const before = cdata < 0 ? text : text.slice(0, cdata);
  const comment = before.indexOf(commentStart);
  if (comment >= 0) return { at: comment, next: 'comment' };
  return { at: cdata, next: cdata < 0 ? null : 'cdata' };
}

/** Counts the characters at the end that may begin one of the delimiters. */
function heldBack(text: string, delimiters: readonly string[]): number {
  const longest = Math.max(...delimiters.map(({ length }) => length)) - 1;
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (delimiters.some((delimiter) => delimiter.startsWith(end))) return length;
  }
  return 0;
}
