import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { keepToken } from '@/shared/api/tokens';
import { json, server } from '@/testing/server';
import { comments } from './api';

const place = '/api/classroom/assignments/a/comments';
const PATIENT = { timeout: 30_000 };

beforeEach(() => keepToken({ access_token: 't', expires_in: 3600 }));
afterEach(() => vi.unstubAllGlobals());

it('says to one student alone what is private, once, and reads the talk again', async () => {
  const said = { id: 'c', body: 'Well done' };
  const seen = server({
    [place]: [() => json(200, { items: [] }), () => json(201, said), () => json(200, { items: [said] })],
  });
  const store = makeStore();
  const talk = { assignmentId: 'a', studentId: 's' };
  const reading = store.dispatch(comments.endpoints.comments.initiate(talk));
  await reading;
  await store.dispatch(comments.endpoints.say.initiate({ ...talk, body: 'Well done' })).unwrap();
  await vi.waitFor(() => expect(seen).toHaveLength(3), PATIENT);
  expect(new URL(seen[0]!.url).searchParams.get('student_id')).toBe('s');
  expect(seen[1]!.headers.get('Idempotency-Key')).toBeTruthy();
  await expect(seen[1]!.json()).resolves.toEqual({ body: 'Well done', student_id: 's' });
  const shown = comments.endpoints.comments.select(talk);
  await vi.waitFor(() => expect(shown(store.getState()).data?.pages[0]?.items).toEqual([said]), PATIENT);
});
