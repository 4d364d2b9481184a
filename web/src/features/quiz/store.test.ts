import { describe, expect, it } from 'vitest';
import type { Attempt, TakingFrame } from './frames';
import { answerTyped, attempt, attemptEntered, clock, takingFrameTaken, timeLeft, unsafe, type Answer } from './store';

const at = Date.parse('2026-11-24T10:00:00Z');
const taken = (change: Partial<Attempt> = {}) =>
  ({
    id: 'a',
    status: 'open',
    now: '2026-11-24T10:00:00Z',
    deadline_at: '2026-11-24T10:30:00Z',
    paused_at: null,
    flagged: [],
    messages: [],
    questions: [],
    answers: [],
    ...change,
  }) as unknown as Attempt;
const saved = (rev: number, value: unknown) => ({ question_id: 'q', value, rev, hash: '', saved_at: '' });
const entered = (given: Attempt, kept: Record<string, Answer> = {}) =>
  attempt.reducer(undefined, attemptEntered({ attempt: given, kept, at }));
const type = (state: ReturnType<typeof entered>, value: unknown) =>
  attempt.reducer(state, answerTyped({ id: 'q', value }));
const frame = (state: ReturnType<typeof entered>, one: TakingFrame) => attempt.reducer(state, takingFrameTaken(one));

describe('an attempt', () => {
  it('counts revisions on from what is saved', () => {
    expect(type(entered(taken({ answers: [saved(3, 'x')] as never })), 'y').answers['q']).toEqual({
      value: 'y',
      rev: 4,
      safety: 'typed',
    });
  });
  it('is safe only when the newest revision is acknowledged', () => {
    const twice = type(type(entered(taken()), 'a'), 'b');
    const first = frame(twice, { type: 'saved', question_id: 'q', rev: 1, hash: '', saved_at: '' });
    expect(Object.keys(unsafe(first.answers))).toEqual(['q']);
    const second = frame(first, { type: 'saved', question_id: 'q', rev: 2, hash: '', saved_at: '' });
    expect(unsafe(second.answers)).toEqual({});
  });
  it('keeps what was typed before a reload above an older saved revision', () => {
    const kept: Record<string, Answer> = { q: { value: 'new', rev: 5, safety: 'typed' } };
    expect(entered(taken({ answers: [saved(4, 'old')] as never }), kept).answers['q']?.value).toBe('new');
    expect(entered(taken({ answers: [saved(6, 'newer')] as never }), kept).answers['q']?.value).toBe('newer');
  });
  it('shows what another window saved', () => {
    const state = frame(entered(taken()), { type: 'elsewhere', question_id: 'q', value: 'there', rev: 2, hash: '' });
    expect(state.answers['q']).toEqual({ value: 'there', rev: 2, safety: 'saved' });
  });
  it('counts time by the clock of the server, and not at all while paused', () => {
    const slow = attempt.reducer(undefined, attemptEntered({ attempt: taken(), kept: {}, at: at - 3_600_000 }));
    expect(timeLeft(slow, at - 3_600_000)).toBe(30 * 60_000);
    expect(timeLeft(entered(taken({ paused_at: '2026-11-24T10:10:00Z' })), at + 20 * 60_000)).toBe(20 * 60_000);
    expect(clock(3_723_000)).toBe('1:02:03');
    expect(clock(61_001)).toBe('1:02');
  });
});
