import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { connection } from '@/shared/api/connection';
import { keepToken } from '@/shared/api/tokens';
import type { Bootstrap } from '@/shared/api/schemas';
import { json, server } from '@/testing/server';
import { FakeSocket } from '@/testing/socket';
import { follow, frameTold, unfollow, type FeedFrame } from './feed';
import recorded from './feed.recorded.json';
import { load } from './store';

/** What three people's pages were sent by a running service (scripts/record-feed.mjs) between two bootstraps. */
interface Recording {
  who: string;
  before: Bootstrap;
  frames: FeedFrame[];
  after: Bootstrap;
}
const recordings = recorded as unknown as Recording[];

type Store = ReturnType<typeof makeStore>;

async function opened(bootstrap: Bootstrap): Promise<Store> {
  server({ '/api/classroom/bootstrap': [() => json(200, bootstrap)] });
  const store = makeStore();
  await store.dispatch(load()).unwrap();
  return store;
}

/** All that is shown, without the order in which it came and the versions, whose front tells when it was read. */
function shown(store: Store) {
  const { session, classrooms, assignments, own } = store.getState();
  const contents = Object.entries(session.versions).map(([key, version]) => [key, version.split('.')[1]]);
  return {
    session: { ...session, versions: Object.fromEntries(contents) as object },
    classrooms: [classrooms.classrooms.entities, classrooms.topics.entities],
    assignments: assignments.assignments.entities,
    own,
  };
}

const take = (store: Store, frames: FeedFrame[]) => frames.forEach((frame) => store.dispatch(frameTold(frame)));

beforeEach(() => keepToken({ access_token: 't', expires_in: 600 }));
afterEach(() => vi.unstubAllGlobals());

describe.each(recordings)('the store of $who', ({ before, frames, after }) => {
  it('equals a fresh fetch once the frames are in it', async () => {
    const fresh = shown(await opened(after));
    const store = await opened(before);
    expect(shown(store)).not.toEqual(fresh);
    take(store, frames);
    expect(shown(store)).toEqual(fresh);
  });

  it('never goes back: what is sent twice, late, or comes with an older bootstrap changes nothing', async () => {
    const store = await opened(before);
    take(store, frames);
    const newest = shown(store);
    const parts = frames.filter((frame) => frame.type === 'fragment');
    take(store, parts);
    take(store, [...parts].reverse());
    expect(shown(store)).toEqual(newest);
  });

  it('keeps what the feed brought when a bootstrap that is older arrives after it', async () => {
    const kept = frames.filter((frame) => frame.type === 'fragment');
    const store = await opened(before);
    take(store, kept);
    const newest = shown(store);
    await store.dispatch(load()).unwrap();
    const again = shown(store);
    expect(again.classrooms[0]).toMatchObject(
      Object.fromEntries(
        Object.entries(newest.classrooms[0]!).filter(([id]) => before.classrooms.some((v) => v.classroom.id === id)),
      ),
    );
  });
});

describe('a classroom that somebody teaches and attends', () => {
  const [{ before }] = recordings as [Recording];
  const seen = before.classrooms[0]!;
  const { id } = seen.classroom;
  const asTeacher = { ...seen, classroom: { ...seen.classroom, join_code: 'ABC' } };
  const asStudent = { ...seen, classroom: { ...seen.classroom, join_code: null } };
  const both: Bootstrap = {
    ...before,
    classrooms: [asTeacher, asStudent],
    own: [],
    versions: { [`teacher-view:${id}`]: '1.a', [`student-view:${id}`]: '1.b' },
  };
  const code = (store: Store) => store.getState().classrooms.classrooms.entities[id]?.join_code;

  it('is shown as its teachers see it, and all its parts are held', async () => {
    const store = await opened(both);
    expect(code(store)).toBe('ABC');
    expect(store.getState().session.versions).toMatchObject(both.versions);
  });

  it('is shown as its students see it once it is taught no more, and not lost', async () => {
    const store = await opened(both);
    take(store, [
      { type: 'fragment', key: `student-view:${id}`, version: '2.c', value: { ...asStudent, announcements: [] } },
    ]);
    expect(code(store)).toBe('ABC');
    take(store, [{ type: 'gone', key: `teacher-view:${id}` }]);
    expect(code(store)).toBeNull();
    take(store, [{ type: 'gone', key: `student-view:${id}` }]);
    expect(code(store)).toBeUndefined();
  });

  it('stays when only the enrolment ends', async () => {
    const store = await opened(both);
    take(store, [{ type: 'gone', key: `student-view:${id}` }]);
    expect(code(store)).toBe('ABC');
  });
});

describe('following', () => {
  const token = `x.${btoa(JSON.stringify({ exp: 4e9 }))}.x`;
  beforeEach(() => {
    vi.useFakeTimers();
    keepToken({ access_token: token, expires_in: 600 });
    FakeSocket.made = [];
  });
  afterEach(() => {
    unfollow();
    vi.useRealTimers();
  });

  async function following() {
    const store = await opened(recordings[0]!.before);
    vi.stubGlobal('WebSocket', FakeSocket);
    store.dispatch(follow());
    await vi.advanceTimersByTimeAsync(0);
    FakeSocket.made[0]!.onopen?.();
    return { store, socket: () => FakeSocket.made.at(-1)! };
  }

  it('says what it holds, again after a break, and again when the count differs', async () => {
    const { store, socket } = await following();
    const { versions } = store.getState().session;
    const have = { type: 'have', versions, more: false };
    expect(socket().sent).toEqual([have]);
    socket().tell({ type: 'head', count: Object.keys(versions).length, now: '' });
    expect(socket().sent).toHaveLength(1);
    socket().tell({ type: 'head', count: 99, now: '' });
    expect(socket().sent).toHaveLength(2);
    socket().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(2000);
    expect(FakeSocket.made).toHaveLength(2);
    socket().onopen?.();
    expect(socket().sent).toEqual([have]);
  });

  it('tells that it is behind, but not of a short break', async () => {
    const { socket } = await following();
    expect(connection.standing()).toBe('well');
    vi.stubGlobal('WebSocket', class extends FakeSocket {});
    socket().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(3000);
    expect(connection.standing()).toBe('well');
    await vi.advanceTimersByTimeAsync(4000);
    expect(connection.standing()).toBe('behind');
    socket().onopen?.();
    expect(connection.standing()).toBe('well');
  });

  it('tells that what others change does not come any more', async () => {
    const { socket } = await following();
    socket().onclose?.({ code: 4001 });
    expect(connection.standing()).toBe('stopped');
  });

  it('signs out when the session ended', async () => {
    const { store, socket } = await following();
    socket().onclose?.({ code: 4004 });
    expect(store.getState().session.status).toBe('signed-out');
  });
});
