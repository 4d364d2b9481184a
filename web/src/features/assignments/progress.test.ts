import { expect, it } from 'vitest';
import { own, selectBehind } from '@/features/own/store';
import type { OwnWork } from '@/shared/api/schemas';
import type { State } from '@/shared/store';
import { progress, type Assignment } from './store';

const assignment = (id: string, changes: Partial<Assignment> = {}) =>
  ({ id, kind: 'homework', status: 'published', ...changes }) as Assignment;

it('counts what is graded and what was handed in, once each, and no material', () => {
  const work = {
    grades: [{ assignment_id: 'graded' }],
    submissions: [
      { assignment_id: 'graded', status: 'turned_in' },
      { assignment_id: 'handed in', status: 'turned_in' },
      { assignment_id: 'taken back', status: 'reclaimed' },
    ],
  } as OwnWork;
  const state: Partial<State> = { [own.name]: { c: work } };
  const behind = selectBehind(state as State);
  const list = [
    ...['graded', 'handed in', 'taken back', 'not begun'].map((id) => assignment(id)),
    assignment('read', { kind: 'material' }),
    assignment('draft', { status: 'draft' }),
  ];
  expect(progress(list, behind)).toEqual({ done: 2, total: 4 });
  expect(progress([], behind)).toEqual({ done: 0, total: 0 });
});
