import { describe, expect, it } from 'vitest';
import { type AheadView, chooseAhead, type Progress } from '@/lib/engine/ahead/choose-ahead';
import type { FlowNode } from '@/lib/engine/flow';

/** `b: a` waits for a; `b?: a` watches it; `b!: a` always runs; `a~` lets what follows go on although it failed. */
function graph(text: string): FlowNode[] {
  return text.split(', ').map((part) => {
    const [name = '', others = ''] = part.split(':').map((each) => each.trim());
    const ids = others.split(' ').filter(Boolean);
    const watches = name.includes('?');
    return {
      id: name.replace(/\W/g, ''),
      kind: 'task',
      after: watches ? [] : ids,
      onFailure: watches ? ids : [],
      continueOnFailure: name.includes('~'),
      always: name.includes('!'),
    };
  });
}

interface Given {
  /** What is not said waits. */
  at?: Record<string, Progress>;
  made?: Record<string, 'prepared' | 'standing' | null>;
  late?: string[];
  limit?: number;
  places?: number;
}

function choose(text: string, { at = {}, made = {}, late = [], limit = 2, places = 8 }: Given) {
  const nodes = graph(text);
  const progressOf = (id: string) => at[id] ?? 'waiting';
  const view: AheadView = {
    node(id) {
      const found = nodes.find((node) => node.id === id);
      if (!found) throw new Error(`no node ${id}`);
      return found;
    },
    dependentsOf: (id) =>
      nodes.filter(({ after, onFailure }) => [...after, ...onFailure].includes(id)).map((node) => node.id),
    progressOf,
    canBeMade: (id) => !late.includes(id),
    going: nodes.flatMap(({ id }) => (progressOf(id) === 'going' ? [id] : [])),
    made: new Map(Object.entries(made).map(([id, stage]) => [id, stage === 'standing' ? null : stage])),
    limit,
    freePlaces: places,
  };
  const { make, discard } = chooseAhead(view);
  return [...make.map(({ id, stage }) => `${stage} ${id}`), ...discard.map((id) => `discard ${id}`)];
}

const chain = 'a, b: a, c: b, d: c, e: d';
const going = (...ids: string[]) => Object.fromEntries(ids.map((id) => [id, 'going' as const]));

describe('which steps are made ready ahead', () => {
  it.each<[string, string, Given, string[]]>([
    ['the next steps of a chain', chain, { at: going('a') }, ['standing b', 'standing c']],
    ['no more than the limit', chain, { at: going('a'), limit: 1 }, ['standing b']],
    [
      'more with a higher one',
      chain,
      { at: going('a'), limit: 3 },
      ['standing b', 'standing c', 'standing d'],
    ],
    ['nothing where nothing goes', chain, {}, []],
    ['nothing twice', chain, { at: going('a'), made: { b: 'standing', c: null } }, []],
    [
      'one more when one has begun',
      chain,
      { at: { a: 'good', b: 'going' }, made: { c: 'standing' } },
      ['standing d'],
    ],
    ['none to stand without a place', chain, { at: going('a'), places: 0 }, ['prepared b', 'prepared c']],
    [
      'the nearest to stand in the only place',
      chain,
      { at: going('a'), places: 1 },
      ['standing b', 'prepared c'],
    ],
    [
      'what is prepared stands once there is a place',
      chain,
      { at: going('a'), made: { b: 'prepared', c: 'prepared' }, places: 1 },
      ['standing b'],
    ],
    [
      'the nearer before the earlier',
      'a, x: c, c: a, d: a',
      { at: going('a') },
      ['standing c', 'standing d'],
    ],
    ['in the order of the plan', 'a, b: a, c: a, d: a', { at: going('a') }, ['standing b', 'standing c']],
    ['what waits for several', 'a, b, c: a b', { at: { a: 'good', b: 'going' } }, ['standing c']],
    [
      'nothing beyond what cannot be made now',
      'a, b: a, c: b, d: a',
      { at: going('a'), late: ['b'] },
      ['standing d'],
    ],
    ['no step that watches what goes well', 'a, b: a, c?: a', { at: going('a') }, ['standing b']],
    [
      'a step that watches once that has failed',
      'a, b, c?: a b',
      { at: { a: 'bad', b: 'going' } },
      ['standing c'],
    ],
    ['no step after one that failed', 'a, b, c: a b', { at: { a: 'bad', b: 'going' } }, []],
    ['no step after one that is left out', 'a, b, c: a b', { at: { a: 'left_out', b: 'going' } }, []],
    [
      'a step after one whose failure is let pass',
      'a~, b, c: a b',
      { at: { a: 'bad', b: 'going' } },
      ['standing c'],
    ],
    ['a step that always runs', 'a, b, c!: a b', { at: { a: 'bad', b: 'going' } }, ['standing c']],
    [
      'and removes what cannot be reached any more, and fills its place',
      'a, b, c: a, d: b, e: d',
      { at: { a: 'bad', b: 'going' }, made: { c: 'standing', d: 'standing' } },
      ['standing e', 'discard c'],
    ],
    [
      'and removes what is left out or has ended',
      'a, b: a, c: a',
      { at: { a: 'going', b: 'left_out', c: 'bad' }, made: { b: 'standing', c: null } },
      ['discard b', 'discard c'],
    ],
    ['and keeps what waits for a place', 'a, b: a', { at: { a: 'good', b: 'going' }, made: { b: null } }, []],
  ])('%s', (_title, text, given, expected) => {
    expect(choose(text, given)).toEqual(expected);
  });
});
