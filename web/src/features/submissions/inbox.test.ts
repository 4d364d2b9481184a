import { describe, expect, it } from 'vitest';
import type { StudentWork } from './api';
import { beside, found } from './inbox';

const list = ['Ada Lovelace', 'Alan Turing', 'Grace Hopper'].map((name) => ({ student_id: name, name }) as StudentWork);
const names = (some: (StudentWork | undefined)[]) => some.map((one) => one?.name);

describe('the inbox', () => {
  it('finds by every word of a name, in any order', () => {
    expect(names(found(list, ' tur  AL'))).toEqual(['Alan Turing']);
    expect(found(list, '')).toEqual(list);
    expect(found(list, 'nobody')).toEqual([]);
  });
  it('goes from one to the next and stops at the ends', () => {
    expect(names([beside(list, 'Alan Turing', 1), beside(list, 'Alan Turing', -1)])).toEqual([
      'Grace Hopper',
      'Ada Lovelace',
    ]);
    expect(names([beside(list, 'Grace Hopper', 1), beside(list, 'Ada Lovelace', -1)])).toEqual([undefined, undefined]);
    expect(beside(list, null, 1)).toBe(list[0]);
    expect(beside(list.slice(1), 'Ada Lovelace', 1)).toBe(list[1]);
  });
});
