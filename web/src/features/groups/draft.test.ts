import { describe, expect, it } from 'vitest';
import type { Grouping } from './api';
import { bodyOf, dissolve, draftOf, isFull, needsWord, placeOf, put, UNGROUPED } from './draft';

const member = (student_id: string) => ({ student_id, name: student_id.toUpperCase(), attends: true });
const group = (id: string, students: string[], work: 'created' | 'missing') => ({
  id,
  name: id,
  student_count: students.length,
  submission_id: null,
  work,
  students: students.map(member),
});
const saved: Grouping = {
  mode: 'by_hand',
  limit: 2,
  seed: null,
  revision: 7,
  groups: [group('red', ['a', 'b'], 'created'), group('blue', ['c'], 'missing'), group('green', [], 'missing')],
  ungrouped: [member('d')],
};
const draft = draftOf(saved);
const names = (list: { student_id: string }[]) => list.map((one) => one.student_id);

describe('groups', () => {
  it('have each student in one place, by name', () => {
    const after = put(put(draft, 'd', 'blue'), 'a', 'blue');
    expect(after.groups.map((one) => names(one.students))).toEqual([['b'], ['a', 'c', 'd'], []]);
    expect(after.ungrouped).toEqual([]);
    expect(placeOf(after, 'd')).toBe('blue');
    expect(names(put(after, 'b', UNGROUPED).ungrouped)).toEqual(['b']);
    expect(put(draft, 'nobody', 'blue')).toBe(draft);
  });

  it('give their students back when they go', () => {
    const after = dissolve(draft, 'blue');
    expect(after.groups.map((one) => one.key)).toEqual(['red', 'green']);
    expect(names(after.ungrouped)).toEqual(['c', 'd']);
  });

  it('ask before work is touched, whether somebody comes or goes', () => {
    expect(needsWord(draft, 'a', 'green')).toBe(true);
    expect(needsWord(draft, 'd', 'red')).toBe(true);
    expect(needsWord(draft, 'd', 'blue')).toBe(false);
  });

  it('are full at their limit', () => {
    expect(isFull(draft, 'red')).toBe(true);
    expect(isFull(draft, 'blue')).toBe(false);
    expect(isFull(draft, UNGROUPED)).toBe(false);
  });

  it('are sent whole, a new one without an id', () => {
    const added = { key: 'k', id: null, name: ' New ', students: [member('d')], hasWork: false };
    expect(bodyOf({ ...draft, groups: [...draft.groups.slice(1, 2), added] })).toEqual({
      mode: 'by_hand',
      limit: 2,
      groups: [
        { id: 'blue', name: 'blue', student_ids: ['c'] },
        { name: 'New', student_ids: ['d'] },
      ],
    });
  });
});
