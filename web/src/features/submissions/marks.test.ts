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
  it('is sent as typed, a comma as a point, and late stays what it was', () => {
    expect(asGrade({ ...marked(grade()), score: '8,25' }, grade())).toEqual({
      score: '8.25',
      excused: false,
      feedback: 'Good',
      released: false,
      late: true,
    });
  });
  it('is feedback alone without a score, and nothing with a wrong one', () => {
    expect(asGrade({ ...marked(null), feedback: 'See me' }, null)).toMatchObject({ score: null, feedback: 'See me' });
    expect(asGrade({ ...marked(null), score: 'seven' }, null)).toBeNull();
  });
  it('has no score once it is excused', () => {
    expect(asGrade({ ...marked(grade()), excused: true }, grade())).toMatchObject({ score: null, excused: true });
    expect(asGrade({ ...marked(null), score: 'ex' }, null)).toMatchObject({ score: null, excused: true });
  });
});
