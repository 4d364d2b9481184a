import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { changeAssignment, selectAssignments } from '@/features/assignments/store';
import { load, selectIsTeacherOf, signedOut } from '@/features/session/store';
import { keepToken } from '@/shared/api/tokens';
import { json, paths, server, type Answer } from '@/testing/server';
import { changeClassroom, moveTopic, selectClassroom, selectClassrooms, selectTopics } from './store';

const topic = (id: string, position: number) => ({ id, title: id, position, version: 1 });
const assignment = (id: string, due_at: string | null) => ({
  id,
  topic_id: null,
  kind: 'homework',
  title: id,
  description: '',
  due_at,
  status: 'published',
  revision: 4,
  points_possible: '10',
});
const BOOTSTRAP = {
  role: 'teacher',
  person: {
    account_id: 'p',
    name: 'Amara',
    email: null,
    school: { id: 's', name: 'School' },
    taught: ['c'],
    attended: [],
  },
  summary: null,
  classrooms: [
    {
      classroom: { id: 'c', title: 'Mathematics', subject: null, colour: null, status: 'active', version: 7 },
      teachers: [{ account_id: 'p', name: 'Amara' }],
      topics: [topic('one', 1), topic('two', 2), topic('three', 3)],
      assignments: [
        assignment('later', '2026-12-02T10:00:00Z'),
        assignment('soon', '2026-12-01T10:00:00Z'),
        assignment('never', null),
      ],
    },
  ],
  own: [],
};

async function loaded(routes: Record<string, Answer[]> = {}) {
  const seen = server({ '/api/classroom/bootstrap': [() => json(200, BOOTSTRAP)], ...routes });
  const store = makeStore();
  await store.dispatch(load());
  return { store, seen };
}

const refuse =
  (status: number, body: object = {}) =>
  () =>
    json(status, { code: 'no', detail: 'No.', ...body });

describe('the store', () => {
  beforeEach(() => keepToken({ access_token: 'a', expires_in: 600 }));
  afterEach(() => vi.unstubAllGlobals());

  it('has everything after one request, and nothing after signing out', async () => {
    const { store, seen } = await loaded();
    expect(paths(seen)).toEqual(['/api/classroom/bootstrap']);
    expect(selectIsTeacherOf('c')(store.getState())).toBe(true);
    expect(selectAssignments('c')(store.getState()).map((one) => one.id)).toEqual(['soon', 'later', 'never']);
    store.dispatch(signedOut({ lost: false }));
    expect(selectClassrooms(store.getState())).toEqual([]);
  });

  it('shows a change at once and takes it back when it is refused', async () => {
    const { store } = await loaded({ '/api/classroom/classrooms/c': [refuse(409)] });
    const change = store.dispatch(changeClassroom({ id: 'c', patch: { title: 'Maths' } }));
    expect(selectClassroom('c')(store.getState())?.title).toBe('Maths');
    await expect(change.unwrap()).rejects.toMatchObject({ status: 409, detail: 'No.' });
    expect(selectClassroom('c')(store.getState())?.title).toBe('Mathematics');
  });

  it('puts a dragged topic in its place, telling the server only of those that moved', async () => {
    const moved = ['two', 'three'].map((id) => [`/api/classroom/topics/${id}`, [echo(id)]] as [string, Answer[]]);
    const { store, seen } = await loaded(Object.fromEntries(moved));
    await store.dispatch(moveTopic({ id: 'three', over: 'two' })).unwrap();
    expect(selectTopics('c')(store.getState()).map((one) => one.id)).toEqual(['one', 'three', 'two']);
    expect(paths(seen).slice(1).sort()).toEqual(['/api/classroom/topics/three', '/api/classroom/topics/two']);
  });

  it('leaves the order as it was when the server refuses', async () => {
    const { store } = await loaded({
      '/api/classroom/topics/two': [refuse(403)],
      '/api/classroom/topics/three': [refuse(403)],
    });
    await expect(store.dispatch(moveTopic({ id: 'three', over: 'two' })).unwrap()).rejects.toMatchObject({
      status: 403,
    });
    expect(selectTopics('c')(store.getState()).map((one) => one.id)).toEqual(['one', 'two', 'three']);
  });

  it('edits against the revision that was read, and tells what stands when that is stale', async () => {
    const current = { id: 'soon', title: 'Theirs', revision: 5 };
    const { store, seen } = await loaded({ '/api/classroom/assignments/soon': [refuse(412, { current })] });
    const edit = store.dispatch(changeAssignment({ id: 'soon', revision: 4, patch: { title: 'Mine' } }));
    await expect(edit.unwrap()).rejects.toMatchObject({ status: 412, current });
    expect(seen[1]!.headers.get('If-Match')).toBe('"4"');
    expect(selectAssignments('c')(store.getState())[0]?.title).toBe('soon');
  });
});

/** A topic's answer, with the position that its place in the new order gives it. */
const echo =
  (id: string): Answer =>
  () =>
    json(200, { ...topic(id, id === 'three' ? 2 : 3), classroom_id: 'c' });
