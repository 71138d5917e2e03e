import { mask } from './secret';
import { binaryText, secretForms } from './secret-forms';

/** Puts `***` where secrets stand, however they are encoded. */
export interface Masker {
  /** A text that is whole. Answers the very text when nothing is in it. Keeps the number of its lines. */
  text(text: string): string;
  /** Masks a text as `text` does, and also the beginning of a secret that the end of the text cuts off. */
  cutText(text: string): string;
  /** Text that comes in parts. */
  stream(): MaskStream;
  /** Bytes that come in parts. */
  bytes(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

export interface MaskStream {
  /** Returns what is safe to show now; a possible beginning of a secret is kept for the next part. */
  push(part: string): string;
  /** Returns what was kept and resets the stream. */
  end(): string;
}

/** A cut text ends with at least so much of a secret before it is hidden. */
const minCutLength = 6;

export function createMasker(secrets: readonly string[]): Masker {
  const forms = toForms(secrets.flatMap(secretForms));
  if (forms.length === 0) return nothingToMask;
  // Of a secret of several lines a file may hold the whole as it is.
  const wholes = secrets.flatMap((secret) => [secret, secret.replaceAll('\n', '\r\n')]);
  const texts = [...forms.map(({ text }) => text), ...wholes];
  const byteForms = toForms(texts.map((text) => binaryText(new TextEncoder().encode(text))));
  const replaceAll = (text: string) => replace(text, findForms(text, forms), 0);
  return {
    text: replaceAll,
    cutText(text) {
      const masked = replaceAll(text);
      const kept = unfinished(masked, forms);
      return kept < minCutLength ? masked : `${masked.slice(0, -kept)}${mask}`;
    },
    stream: () => createStream(forms),
    async *bytes(content) {
      const stream = createStream(byteForms);
      for await (const chunk of content) {
        const shown = stream.push(binaryText(chunk));
        if (shown !== '') yield bytesOf(shown);
      }
      const rest = stream.end();
      if (rest !== '') yield bytesOf(rest);
    },
  };
}

const nothingToMask: Masker = {
  text: (text) => text,
  cutText: (text) => text,
  stream: () => ({ push: (part) => part, end: () => '' }),
  bytes: (content) => content,
};

interface Form {
  text: string;
  /** Made when first asked for. */
  prefixes(): Uint32Array;
}

interface Span {
  start: number;
  end: number;
}

function createStream(forms: readonly Form[]): MaskStream {
  let kept = '';
  /** So much of `kept` is already shown as `***`. */
  let shownTo = 0;

  function take(part: string, isLast: boolean): string {
    const text = kept + part;
    const spans = findForms(text, forms, shownTo);
    const cut = text.length - (isLast ? 0 : unfinished(text, forms));
    const isShown = ({ start }: Span) => start < cut || (start === 0 && shownTo > 0);
    const across = spans.find((span) => isShown(span) && span.end > cut);
    const shown = replace(text.slice(0, cut), clip(spans, cut), shownTo);
    kept = text.slice(cut);
    shownTo = across ? across.end - cut : 0;
    return shown;
  }

  return {
    push: (part) => take(part, false),
    end() {
      const shown = take('', true);
      kept = '';
      shownTo = 0;
      return shown;
    },
  };
}

/** Where forms stand, overlapping ones as one span, in order. What is shown as `***` before counts as one. */
function findForms(text: string, forms: readonly Form[], shownTo = 0): Span[] {
  const found: Span[] = shownTo > 0 ? [{ start: 0, end: shownTo }] : [];
  for (const { text: form } of forms) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
      found.push({ start: at, end: at + form.length });
    }
  }
  if (found.length < 2) return found;
  found.sort((a, b) => a.start - b.start);
  const merged: Span[] = [];
  for (const span of found) {
    const last = merged.at(-1);
    if (last && span.start < last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}

function clip(spans: readonly Span[], cut: number): Span[] {
  return spans.flatMap(({ start, end }) => (start < cut ? [{ start, end: Math.min(end, cut) }] : []));
}

/** The first `shownTo` characters are out already, and so is the `***` of a span that begins there. */
function replace(text: string, spans: readonly Span[], shownTo: number): string {
  if (spans.length === 0) return text;
  let shown = '';
  let position = 0;
  for (const { start, end } of spans) {
    shown += text.slice(position, start);
    if (start > 0 || shownTo === 0) shown += mask;
    position = end;
  }
  return shown + text.slice(position);
}

/** The length of the longest end of the text with which a form begins without being complete. */
function unfinished(text: string, forms: readonly Form[]): number {
  let longest = 0;
  for (const form of forms) {
    // Shorter ends than what is known already need no look.
    if (form.text.length - 1 <= longest) continue;
    const tail = text.slice(Math.max(0, text.length - form.text.length + 1));
    longest = Math.max(longest, overlap(tail, form));
  }
  return longest;
}

/** How much of the beginning of the form is at the end of `text`: Knuth, Morris and Pratt, 1977. */
function overlap(text: string, form: Form): number {
  const table = form.prefixes();
  let matched = 0;
  for (let at = 0; at < text.length; at += 1) {
    while (matched > 0 && form.text[matched] !== text[at]) matched = table[matched - 1] ?? 0;
    if (form.text[matched] === text[at]) matched += 1;
  }
  return matched;
}

function toForms(texts: readonly string[]): Form[] {
  return [...new Set(texts)].map((text) => {
    let table: Uint32Array | null = null;
    return {
      text,
      prefixes: () => {
        table ??= prefixTable(text);
        return table;
      },
    };
  });
}

function prefixTable(text: string): Uint32Array {
  const table = new Uint32Array(text.length);
  let matched = 0;
  for (let at = 1; at < text.length; at += 1) {
    while (matched > 0 && text[matched] !== text[at]) matched = table[matched - 1] ?? 0;
    if (text[matched] === text[at]) matched += 1;
    table[at] = matched;
  }
  return table;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
