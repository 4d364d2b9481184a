import { describe, expect, it } from 'vitest';
import type { Row } from './frames';
import { byNeed, need, nothing, watched } from './monitor';

const now = Date.parse('2026-11-24T10:10:00Z');
const row = (change: Partial<Row>): Row => ({
  student_id: 's',
  name: 'Sam',
  attempt_id: 'a',
  number: 1,
  status: 'open',
  connected: true,
  away: false,
  current_question_id: null,
  answered_count: 1,
  question_count: 5,
  flagged_count: 0,
  last_saved_at: '2026-11-24T10:09:30Z',
  focus_losses: 0,
  started_at: '2026-11-24T10:00:00Z',
  deadline_at: null,
  paused_at: null,
  submitted_at: null,
  submitted_by: null,
  score: null,
  max_score: null,
  changed: 5,
  ...change,
});
const at = { now: '2026-11-24T10:10:00Z', progress: 9 };

describe('the console', () => {
  it('keeps the newest row of each student, whatever order they come in', () => {
    const first = watched(nothing, { type: 'snapshot', ...at, rows: [row({ changed: 7 })], more: false }, now);
    const second = watched(first, { type: 'delta', ...at, rows: [row({ changed: 6, answered_count: 0 })] }, now);
    expect(second.rows['s']?.answered_count).toBe(1);
    expect(second.whole).toBe(true);
  });
  it('is whole only after the last page', () => {
    expect(watched(nothing, { type: 'snapshot', ...at, rows: [], more: true }, now).whole).toBe(false);
  });
  it.each([
    [row({}), 'working'],
    [row({ away: true }), 'help'],
    [row({ connected: false }), 'help'],
    [row({ last_saved_at: '2026-11-24T10:01:00Z' }), 'help'],
    [row({ attempt_id: null }), 'absent'],
    [row({ status: 'submitted' }), 'done'],
  ] as const)('sees who needs help', (one, expected) => {
    expect(need(one, now)).toBe(expected);
  });
  it('puts who needs help first', () => {
    const rows = [
      row({ name: 'Done', status: 'submitted' }),
      row({ name: 'Works' }),
      row({ name: 'Gone', away: true }),
    ];
    expect(rows.sort(byNeed(now)).map((one) => one.name)).toEqual(['Gone', 'Works', 'Done']);
  });
});
