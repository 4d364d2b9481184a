import { describe, expect, it } from 'vitest';
import type { Grade } from './api';
import { asGrade, marked } from './marks';

const grade = (change: Partial<Grade> = {}) =>
  ({ score: '7.5', excused: false, feedback: 'Good', released_at: null, version: 3, late: true, ...change }) as Grade;

describe('a grade that is typed', () => {
  it('begins on the one that stands, also for what its student has seen', () => {
    expect(marked(grade({ released_at: '2026-11-24T10:00:00Z' }))).toMatchObject({ released: true, version: 3 });
    expect(marked(null)).toEqual({ score: '', excused: false, feedback: '', released: false, version: null });
  });
  it('is sent as typed, a comma as a point, and late is what the turn-in says', () => {
    expect(asGrade({ ...marked(grade()), score: '8,25' })).toEqual({
      score: '8.25',
      excused: false,
      feedback: 'Good',
      released: false,
      late: null,
    });
  });
  it('is feedback alone without a score, and nothing with a wrong one', () => {
    expect(asGrade({ ...marked(null), feedback: 'See me' })).toMatchObject({ score: null, feedback: 'See me' });
    expect(asGrade({ ...marked(null), score: 'seven' })).toBeNull();
  });
  it('has no score once it is excused', () => {
    expect(asGrade({ ...marked(grade()), excused: true })).toMatchObject({ score: null, excused: true });
    expect(asGrade({ ...marked(null), score: 'ex' })).toMatchObject({ score: null, excused: true });
  });
});
