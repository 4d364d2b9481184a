import { describe, expect, it } from 'vitest';
import type { Assignment } from '@/features/assignments/store';
import { arrange, moved, placeOf } from './order';

const places = { one: ['a', 'b', 'c'], two: ['d'], empty: [], none: ['e'] };

describe('the order of a track', () => {
  it('has every assignment in its topic, and what belongs to none, or to one that is gone, at the end', () => {
    const list = [
      ['a', 'one'],
      ['b', null],
      ['c', 'gone'],
    ].map(([id, topic_id]) => ({ id, topic_id }) as Assignment);
    expect(arrange([{ id: 'one' }, { id: 'two' }], list)).toEqual({ one: ['a'], two: [], none: ['b', 'c'] });
  });

  it.each([
    ['a', 'c', { ...places, one: ['b', 'c', 'a'] }],
    ['c', 'a', { ...places, one: ['c', 'a', 'b'] }],
    ['b', 'd', { ...places, one: ['a', 'c'], two: ['b', 'd'] }],
    ['b', 'empty', { ...places, one: ['a', 'c'], empty: ['b'] }],
    ['e', 'two', { ...places, none: [], two: ['d', 'e'] }],
    ['a', 'one', places],
    ['a', 'a', places],
    ['a', 'elsewhere', places],
  ])('%s dropped on %s', (id, over, after) => expect(moved(places, id, over)).toEqual(after));

  it('knows where something stands', () => {
    expect(placeOf(places, 'd')).toBe('two');
    expect(placeOf(places, 'two')).toBe('two');
    expect(placeOf(places, 'x')).toBeUndefined();
  });
});
