import type { LogStream, OutputLine } from '../model/log-line';
import type { Masker, MaskStream } from '../model/masker';
import { continuationMark } from './line-splitter';

/** Masks the lines of one attempt, as they come. */
export interface LineMasker {
  /** As many lines as were given, in the same order. */
  mask(lines: readonly OutputLine[]): readonly OutputLine[];
}

/**
 * A line that is longer than a piece comes in several: a secret may lie across two of them. What may be its beginning
 * is then moved to the next piece.
 */
export function createLineMasker(masker: Masker): LineMasker {
  const unfinished = new Map<LogStream, MaskStream>();

  function maskOne(line: OutputLine): OutputLine {
    const { stream, text } = line;
    // A probe's answer is cut short, anywhere.
    if (stream === 'system') return { ...line, text: masker.cutText(text) };
    const known = unfinished.get(stream);
    const goesOn = text.endsWith(continuationMark);
    if (!known && !goesOn) return { ...line, text: masker.text(text) };
    const pieces = known ?? masker.stream();
    if (goesOn) {
      unfinished.set(stream, pieces);
      return { ...line, text: `${pieces.push(text.slice(0, -continuationMark.length))}${continuationMark}` };
    }
    unfinished.delete(stream);
    return { ...line, text: `${pieces.push(text)}${pieces.end()}` };
  }

  return {
    mask(lines) {
      const isPlain = ({ stream, text }: OutputLine) =>
        stream !== 'system' && !text.endsWith(continuationMark);
      if (unfinished.size > 0 || !lines.every(isPlain)) return lines.map(maskOne);
      // One look through all lines is many times faster than one through each.
      const joined = lines.map(({ text }) => text).join('\n');
      const masked = masker.text(joined);
      if (masked === joined) return lines;
      const texts = masked.split('\n');
      return lines.map((line, position) => ({ ...line, text: texts[position] ?? '' }));
    },
  };
}
