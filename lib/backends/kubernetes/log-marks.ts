/** What a pod is annotated with whose logs have marks: earlier releases left none. */
export const countedAnnotation = 'gantry/counts-lines';

const start = '\u001egantry: ';
const pattern = /^(\d{1,11}) lines\n$/;
const maxMarkBytes = 40;

export interface LineMark {
  /** How many lines the stream had when this was written. */
  lines: number;
  /** What stands before the mark: the stream's last line, which has no end. */
  rest: Buffer;
}

/** `step-init` counts the lines of a stream and says the number in lines of its own, see step-init-lines.h. */
export function lineMark(content: Buffer): LineMark | null {
  const at = content.lastIndexOf(start);
  if (at < 0 || content.length - at > maxMarkBytes) return null;
  const found = pattern.exec(content.toString('latin1', at + start.length));
  return found && { lines: Number(found[1]), rest: content.subarray(0, at) };
}
