import { describe, expect, it } from 'vitest';
import type { Draft } from './api';
import { cellOf, typed, type BookCell } from './cells';

const told: BookCell = {
  state: 'graded',
  score: '7',
  max_score: '10',
  percent: '70',
  counted: '70',
  late: false,
  dropped: null,
};
const draft: Draft = {
  student_id: 's',
  assignment_id: 'a',
  score: '9',
  max_score: '10',
  late: true,
  excused: false,
  feedback: '',
  released_at: null,
  version: 3,
};

describe('a cell', () => {
  it('shows what grading was told where classroom keeps no grade', () => {
    expect(cellOf(told, undefined, '10')).toMatchObject({ look: 'graded', score: '7', late: false });
  });
  it('shows a draft before the released score it will replace', () => {
    expect(cellOf(told, draft, '10')).toMatchObject({ look: 'draft', score: '9', late: true });
  });
  it('shows an excuse without a score', () => {
    expect(cellOf(told, { ...draft, excused: true, score: null }, '10')).toMatchObject({
      look: 'excused',
      score: null,
    });
  });
  it('falls back on the points of the assignment', () => {
    expect(cellOf({ ...told, state: 'open', score: null, max_score: null }, undefined, '20')).toMatchObject({
      look: 'open',
      max: '20',
    });
  });
});

describe('what was typed', () => {
  it.each([
    ['8', { score: '8' }],
    [' 8,5 ', { score: '8.5' }],
    ['', { withdrawn: true }],
    ['EX', { excused: true }],
    ['1e3', { wrong: true }],
    ['-1', { wrong: true }],
    ['8.12345', { wrong: true }],
  ])('%j', (text, expected) => {
    expect(typed(text)).toEqual(expected);
  });
});
