/** A sentence of the engine; what stands in backticks in it is code. */
export function Sentence({ text }: { text: string }) {
  return text.split('`').map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one unchanging sentence
    index % 2 === 1 ? <code key={index}>{part}</code> : part,
  );
}
