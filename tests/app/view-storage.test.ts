import { expect, it } from 'vitest';
import { noViews, parseViews, readViews, writeViews } from '@/app/(console)/executions/view-storage';

const view = (name: string) => ({ name, search: `?branch=${name}` });

function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

it('keeps the last 20 views', () => {
  const own = storage();
  expect(parseViews(readViews(() => own))).toEqual([]);
  const views = Array.from({ length: 21 }, (_, index) => view(`v${index}`));
  expect(writeViews(() => own, views)).toBeNull();
  expect(parseViews(readViews(() => own))).toEqual(views.slice(1));
});

it('without storage there are no views, and saving one says why it cannot', () => {
  const blocked = () => {
    throw new Error('Access is denied for this document');
  };
  expect(readViews(blocked)).toBe(noViews);
  expect(writeViews(blocked, [view('a')])).toContain('Access is denied for this document');
  const full = {
    ...storage(),
    setItem: () => {
      throw new Error('exceeded the quota');
    },
  };
  expect(writeViews(() => full, [view('a')])).toContain('blocked or full (exceeded the quota)');
});

it('what is no view is left out', () => {
  expect(parseViews('{')).toEqual([]);
  expect(parseViews('{"name":"a"}')).toEqual([]);
  expect(
    parseViews(JSON.stringify([view('a'), null, { name: 'b' }, { name: 'c', search: '//evil' }])),
  ).toEqual([view('a')]);
});
