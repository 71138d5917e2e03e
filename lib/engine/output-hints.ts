import type { Hardening } from '../model/hardening';
import type { OutputLine } from '../model/log-line';
import type { PlannedNode } from '../model/node';
import { explainWithheld, type Hint } from './withheld-hints';

/** The last lines that a step has printed, for what they tell about its end. */
export interface LastLines {
  see(lines: readonly OutputLine[]): void;
  /** Without Gantry's own. */
  lines(): OutputLine[];
  texts(): string[];
}

const maxLines = 60;
const maxLineLength = 2_000;

export function createLastLines(): LastLines {
  let last: OutputLine[] = [];
  return {
    see(lines) {
      const own = lines.slice(-maxLines).filter(({ stream }) => stream !== 'system');
      if (own.length === 0) return;
      const cut = own.map((line) => ({ ...line, text: line.text.slice(0, maxLineLength) }));
      last = [...last, ...cut].slice(-maxLines);
    },
    lines: () => last,
    texts: () => last.map(({ text }) => text),
  };
}

const readOnly = /\bEROFS\b|read-only file system/i;
const missingFile = /\bENOENT\b|no such file or directory/i;

/**
 * What a person should know about a step that went wrong, from the last that it printed; null when nothing tells.
 * `hardening` is its backend's; null where that knows no such thing.
 */
export function explainOutput(
  node: PlannedNode,
  texts: readonly string[],
  hardening: Hardening | null,
): Hint | null {
  const places = 'write to $GANTRY_ARTIFACTS or /tmp';
  if (texts.some((text) => readOnly.test(text))) {
    return {
      sentence: `it tried to write where it must not: the files of the suite at /suite are read-only, so ${places}`,
      advice: { sentence: places, key: 'run' },
    };
  }
  for (const { path } of node.exports) {
    // The folder of a report cannot be made in the package, and tools then say that it is not there.
    const isNamed = (text: string) =>
      missingFile.test(text) && text.includes(path) && !text.includes(`/artifacts/${path}`);
    if (!path.includes('*') && texts.some(isNamed)) {
      return {
        sentence: `it looked for ${path} in its working folder, which is read-only: write it to $GANTRY_ARTIFACTS/${path}`,
        advice: { sentence: `write the report to $GANTRY_ARTIFACTS/${path}`, key: 'export' },
      };
    }
  }
  return hardening === null ? null : explainWithheld(node, texts, hardening);
}
