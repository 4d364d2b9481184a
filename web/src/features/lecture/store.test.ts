import { describe, expect, it } from 'vitest';
import type { Author, Entry, ServerFrame } from './frames';
import { entered, frameTaken, lastSeq, lecture, olderTaken, queued } from './store';

const author: Author = { account_id: 'a', name: 'Tara', role: 'teacher' };
const at = '2026-11-24T10:00:00Z';
const said = (seq: number, body = `m${seq}`): Entry => ({
  type: 'message',
  seq,
  author,
  at,
  body,
  mentions: [],
  files: [],
  deleted: false,
});
const hello = (first_seq: number, head_seq: number): ServerFrame => ({
  type: 'hello',
  lecture: { lecture_id: 'l', classroom_id: 'c', assignment_id: 'x', title: 'Waves', opened_at: at },
  you: { account_id: 's', name: 'Sam', role: 'student', muted: false, read_seq: 0, votes: {}, reactions: [] },
  first_seq,
  head_seq,
});

const after = (...frames: ServerFrame[]) =>
  frames.reduce((state, frame) => lecture.reducer(state, frameTaken(frame)), lecture.reducer(undefined, entered()));
const bodies = (state: ReturnType<typeof after>) =>
  state.entries.map((entry) => (entry.type === 'message' ? entry.body : entry.type));

describe('a lecture', () => {
  it('takes each entry once and in order, whatever is sent twice', () => {
    const state = after(hello(0, 2), { type: 'messages', messages: [said(1), said(2)] }, said(2), said(3));
    expect(bodies(state)).toEqual(['m1', 'm2', 'm3']);
  });

  it('leaves out what does not follow: the connection is opened again for it', () => {
    const state = after(hello(0, 1), said(1), said(3));
    expect(lastSeq(state)).toBe(1);
  });

  it('goes on from where it was after a lost connection', () => {
    expect(bodies(after(hello(0, 2), said(1), hello(1, 2), said(2)))).toEqual(['m1', 'm2']);
  });

  it('forgets its copy when a resync is required, and keeps what is not acknowledged', () => {
    const lost = after(hello(0, 1), said(1));
    const waiting = lecture.reducer(lost, queued({ type: 'send', client_id: 'k', body: 'mine' }));
    const frames: ServerFrame[] = [{ type: 'resync_required', head_seq: 900 }, hello(899, 900), said(900)];
    const state = frames.reduce((now, frame) => lecture.reducer(now, frameTaken(frame)), waiting);
    expect(bodies(state)).toEqual(['m900']);
    expect(state.pending).toHaveLength(1);
    expect(lecture.reducer(state, frameTaken({ type: 'ack', client_id: 'k', seq: 901 })).pending).toEqual([]);
  });

  it('drops what was refused for good and keeps what is only busy', () => {
    const refusal = (code: string) =>
      lecture.reducer(
        lecture.reducer(after(hello(0, 0)), queued({ type: 'send', client_id: 'k', body: 'mine' })),
        frameTaken({ type: 'error', code, detail: '', ref: 'k', retry_after_ms: null }),
      ).pending;
    expect(refusal('muted')).toEqual([]);
    expect(refusal('rate_limited')).toHaveLength(1);
  });

  it('empties a deleted message, also one that is read later', () => {
    const deleted: Entry = { type: 'deleted', seq: 3, author, at, target: 1 };
    const state = after(hello(1, 3), said(2), deleted);
    const older = lecture.reducer(state, olderTaken([said(1, 'secret')]));
    expect(older.entries[0]).toMatchObject({ seq: 1, body: '', deleted: true });
    expect(older.firstSeq).toBe(0);
  });
});
