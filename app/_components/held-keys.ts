/** What was typed for a dialog before it was there. */
export interface Held {
  text: string;
  /** Enter followed the text. */
  isEntered: boolean;
}

export const nothingHeld: Held = { text: '', isEntered: false };

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing'>;

/** What is meant for the dialog: text with its corrections, Enter and Escape. All else is the page's or the browser's. */
export function isForDialog({ key, ctrlKey, metaKey, altKey, isComposing }: Key): boolean {
  if (ctrlKey || metaKey || altKey || isComposing) return false;
  return [...key].length === 1 || ['Backspace', 'Enter', 'Escape'].includes(key);
}

/** With one more key. After Enter nothing is added. */
export function holdKey(held: Held, key: string): Held {
  if (held.isEntered) return held;
  if (key === 'Enter') return { ...held, isEntered: true };
  if (key === 'Backspace') return { ...held, text: [...held.text].slice(0, -1).join('') };
  return { ...held, text: held.text + key };
}
