/** Finds the note that stands where something is left out, as a group of its own. */
export const omission = /(\n… \d+ characters are left out here …\n)/;

export const maxOutput = 64 * 1024;
const headLength = 16 * 1024;

/** A text that may be very long: of one that is, only its beginning and its end are kept. */
export class BoundedText {
  private head = '';
  private tail = '';
  private length = 0;

  constructor(private readonly max = maxOutput) {}

  get isEmpty(): boolean {
    return this.length === 0;
  }

  add(text: string): void {
    const headMax = Math.min(headLength, this.max / 4);
    const tailMax = this.max - headMax;
    const forHead = text.slice(0, Math.max(0, headMax - this.head.length));
    this.length += text.length;
    this.head += forHead;
    this.tail += text.length - forHead.length > tailMax ? text.slice(-tailMax) : text.slice(forHead.length);
    // Cutting copies, so it is done seldom.
    if (this.tail.length > 2 * tailMax) this.tail = this.tail.slice(-tailMax);
  }

  /** The text, with a note where something is left out. What follows the note begins with a whole line. */
  toString(): string {
    const tailMax = this.max - Math.min(headLength, this.max / 4);
    if (this.head.length + this.tail.length === this.length && this.tail.length <= tailMax)
      return this.head + this.tail;
    const tail = this.tail.slice(-tailMax);
    // A secret that is cut at its beginning could not be masked.
    const kept = tail.slice(tail.indexOf('\n') + 1);
    const left = this.length - this.head.length - kept.length;
    return `${this.head}\n… ${left} characters are left out here …\n${kept}`;
  }
}
