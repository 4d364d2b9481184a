import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { changeAssignment, placeAssignments, selectAssignments } from '@/features/assignments/store';
import { load, selectIsTeacherOf, signedOut } from '@/features/session/store';
import { keepToken } from '@/shared/api/tokens';
import { json, paths, server, type Answer } from '@/testing/server';
import { changeClassroom, moveTopic, selectClassroom, selectClassrooms, selectTopics } from './store';

const topic = (id: string, position: number) => ({ id, title: id, position, version: 1 });
const assignment = (id: string, position: number, due_at: string | null) => ({
  id,
  position,
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
    unseen: 0,
  },
  summary: null,
  classrooms: [
    {
      classroom: { id: 'c', title: 'Mathematics', subject: null, colour: null, status: 'active', version: 7 },
      teachers: [{ account_id: 'p', name: 'Amara' }],
      topics: [topic('one', 1), topic('two', 2), topic('three', 3)],
      assignments: [
        assignment('later', 2, '2026-12-02T10:00:00Z'),
        assignment('soon', 1, '2026-12-01T10:00:00Z'),
        assignment('never', 3, null),
      ],
    },
  ],
  own: [],
  versions: {},
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

  it('puts a dragged topic in its place, with one request', async () => {
    const { store, seen } = await loaded({ [TOPICS]: [done] });
    await store.dispatch(moveTopic({ id: 'three', over: 'two' })).unwrap();
    expect(selectTopics('c')(store.getState()).map((one) => one.id)).toEqual(['one', 'three', 'two']);
    expect(paths(seen).slice(1)).toEqual([TOPICS]);
    expect(await seen[1]!.json()).toEqual({ topic_ids: ['one', 'three', 'two'] });
  });

  it('leaves the order as it was when the server refuses', async () => {
    const { store } = await loaded({ [TOPICS]: [refuse(403)], [ORDER]: [refuse(403)] });
    await expect(store.dispatch(moveTopic({ id: 'three', over: 'two' })).unwrap()).rejects.toMatchObject({
      status: 403,
    });
    expect(selectTopics('c')(store.getState()).map((one) => one.id)).toEqual(['one', 'two', 'three']);
    const order = { classroomId: 'c', topicId: 'two', ids: ['never', 'soon'] };
    const placing = store.dispatch(placeAssignments(order));
    expect(selectAssignments('c')(store.getState())[0]).toMatchObject({ id: 'never', topic_id: 'two' });
    await expect(placing.unwrap()).rejects.toMatchObject({ status: 403 });
    expect(placed(store)).toEqual([
      ['soon', null],
      ['later', null],
      ['never', null],
    ]);
  });

  it('puts assignments into a topic in the order that they were given', async () => {
    const { store, seen } = await loaded({ [ORDER]: [done] });
    await store.dispatch(placeAssignments({ classroomId: 'c', topicId: 'two', ids: ['never', 'soon'] })).unwrap();
    expect(await seen[1]!.json()).toEqual({ topic_id: 'two', assignment_ids: ['never', 'soon'] });
    expect(placed(store)).toEqual([
      ['never', 'two'],
      ['soon', 'two'],
      ['later', null],
    ]);
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

const TOPICS = '/api/classroom/classrooms/c/topics/order';
const ORDER = '/api/classroom/classrooms/c/assignments/order';
const done = () => new Response(null, { status: 204 });
const placed = (store: ReturnType<typeof makeStore>) =>
  selectAssignments('c')(store.getState()).map((one) => [one.id, one.topic_id]);
