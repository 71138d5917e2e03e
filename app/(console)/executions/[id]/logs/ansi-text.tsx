import Anser from 'anser';
import { useState } from 'react';

const longest = 2_000;

/** A line with its terminal colours as elements, never as HTML; folded when it is very long. */
export function AnsiText({ text }: { text: string }) {
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? text : text.slice(0, longest);
  return (
    <>
      {shown.includes('\u001b') ? <Colored text={shown} /> : shown}
      {text.length > longest && !isWhole ? (
        <button type="button" className="ml-2 text-accent" onClick={() => setIsWhole(true)}>
          … {(text.length - longest).toLocaleString()} more characters
        </button>
      ) : null}
    </>
  );
}

function Colored({ text }: { text: string }) {
  const parts = Anser.ansiToJson(text, { use_classes: true, remove_empty: true, json: true });
  return parts.map((part, index) => (
    <span
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one unchanging line
      key={index}
      className={`${part.fg ?? ''} ${part.decorations.includes('bold') ? 'font-[650]' : ''} ${part.decorations.includes('underline') ? 'underline' : ''}`}
    >
      {part.content}
    </span>
  ));
}
