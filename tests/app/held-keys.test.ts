import { expect, it } from 'vitest';
import { holdKey, isForDialog, nothingHeld } from '@/app/_components/held-keys';
import { isLoadError, pauseAfter } from '@/app/_components/load-part';

const press = (key: string, held: object = {}) =>
  isForDialog({ key, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, ...held });

it('text, corrections, Enter and Escape are meant for a dialog that is on its way', () => {
  expect(['a', 'Ä', '?', ' ', '𝒳', 'Backspace', 'Enter', 'Escape'].filter((key) => !press(key))).toEqual([]);
});

it('all else is left to the page and the browser', () => {
  const named = ['ArrowDown', 'ArrowLeft', 'Tab', 'F5', 'Shift', 'Home', 'Process', 'Dead', 'Unidentified'];
  expect(named.filter((key) => press(key))).toEqual([]);
  for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { isComposing: true }])
    expect(['v', 'Enter', 'Escape'].filter((key) => press(key, held))).toEqual([]);
});

it('what was typed is kept with its corrections, until Enter', () => {
  const typed = (...keys: string[]) => keys.reduce(holdKey, nothingHeld);
  expect(typed('Backspace', 'g', 'o', 'x', 'Backspace')).toEqual({ text: 'go', isEntered: false });
  expect(typed('a', '𝒳', 'Backspace', 'b')).toEqual({ text: 'ab', isEntered: false });
  expect(typed('g', 'o', 'Enter', 'x', 'Backspace', 'Backspace')).toEqual({ text: 'go', isEntered: true });
});

it('a script that does not come is tried again, in pauses that grow; an error of the script itself is not', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map(pauseAfter)).toEqual([0, 3_000, 6_000, 12_000, 24_000, 30_000, 30_000]);
  expect(isLoadError(Object.assign(new Error('Failed to load chunk'), { name: 'ChunkLoadError' }))).toBe(
    true,
  );
  expect(isLoadError(new TypeError('x is undefined'))).toBe(false);
  expect(isLoadError('ChunkLoadError')).toBe(false);
});
