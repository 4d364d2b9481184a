import { createEntityAdapter, createSelector, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { load, told } from '@/features/session/store';
import { classroom, data, ifMatch, onceOnly } from '@/shared/api/client';
import type { ClassroomPart, ClassroomSchemas, TopicPart, View } from '@/shared/api/schemas';
import { createCommand, type State } from '@/shared/store';

export type Classroom = ClassroomPart & Omit<View, 'classroom' | 'topics' | 'assignments'>;

export interface Topic extends TopicPart {
  classroom_id: string;
}

const byTitle = createEntityAdapter<Classroom>({ sortComparer: (a, b) => a.title.localeCompare(b.title) });
const byPosition = createEntityAdapter<Topic>({
  sortComparer: (a, b) => a.position - b.position || a.id.localeCompare(b.id),
});

const empty = { classrooms: byTitle.getInitialState(), topics: byPosition.getInitialState() };

const classroomOf = ({ classroom, topics: _topics, assignments: _assignments, ...rest }: View): Classroom => ({
  ...classroom,
  ...rest,
});
const topicsOf = (view: View): Topic[] => view.topics.map((topic) => ({ ...topic, classroom_id: view.classroom.id }));

function forgetTopics(state: typeof empty, classroomId: string): void {
  const before = Object.values(state.topics.entities).filter((topic) => topic.classroom_id === classroomId);
  byPosition.removeMany(
    state.topics,
    before.map((topic) => topic.id),
  );
}

// --- Classrooms ---

export const openClassroom = createCommand<string, ClassroomSchemas['NewClassroom']>(
  'classrooms/open',
  async (body, { dispatch }) => {
    const opened = await data(classroom.POST('/classrooms', { body, headers: onceOnly() }));
    await dispatch(load());
    return opened.id;
  },
);

export const joinClassroom = createCommand<string, string>('classrooms/join', async (join_code, { dispatch }) => {
  const joined = await data(classroom.POST('/enrollments', { body: { join_code }, headers: onceOnly() }));
  await dispatch(load());
  return joined.id;
});

export const leaveClassroom = createCommand<void, string>('classrooms/leave', async (classroom_id, { dispatch }) => {
  await classroom.DELETE('/classrooms/{classroom_id}/students/me', { params: { path: { classroom_id } } });
  await dispatch(load());
});

export const deleteClassroom = createCommand<void, string>('classrooms/delete', async (classroom_id, { dispatch }) => {
  await classroom.DELETE('/classrooms/{classroom_id}', { params: { path: { classroom_id } } });
  dispatch(classroomGone(classroom_id));
});

type ClassroomChange = { id: string; patch: ClassroomSchemas['ClassroomPatch'] };

/** Shown at once, taken back if the server refuses. */
export const changeClassroom = createCommand<void, ClassroomChange>(
  'classrooms/change',
  async ({ id, patch }, { dispatch, getState }) => {
    const before = selectClassroom(id)(getState());
    dispatch(classroomChanged({ id, ...patch }));
    try {
      const call = classroom.PATCH('/classrooms/{classroom_id}', {
        params: { path: { classroom_id: id } },
        body: patch,
        headers: before ? ifMatch(before.version) : {},
      });
      dispatch(classroomChanged(await data(call)));
    } catch (error) {
      if (before) dispatch(classroomChanged(before));
      throw error;
    }
  },
);

export const renewJoinCode = createCommand<void, string>('classrooms/renewJoinCode', async (id, { dispatch }) => {
  const call = classroom.POST('/classrooms/{classroom_id}/join-code', {
    params: { path: { classroom_id: id } },
    body: {},
  });
  const { join_code, expires_at } = await data(call);
  dispatch(classroomChanged({ id, join_code, join_code_expires_at: expires_at }));
});

export const disableJoinCode = createCommand<void, string>('classrooms/disableJoinCode', async (id, { dispatch }) => {
  await classroom.DELETE('/classrooms/{classroom_id}/join-code', { params: { path: { classroom_id: id } } });
  dispatch(classroomChanged({ id, join_code: null, join_code_expires_at: null }));
});

// --- Topics ---

export const addTopic = createCommand<void, { classroom_id: string; title: string }>(
  'topics/add',
  async ({ classroom_id, title }, { dispatch }) => {
    const call = classroom.POST('/classrooms/{classroom_id}/topics', {
      params: { path: { classroom_id } },
      body: { title },
      headers: onceOnly(),
    });
    dispatch(topicKept(await data(call)));
  },
);

type TopicChange = { id: string; patch: ClassroomSchemas['TopicPatch'] };

export const changeTopic = createCommand<void, TopicChange>(
  'topics/change',
  async ({ id, patch }, { dispatch, getState }) => {
    const before = getState().classrooms.topics.entities[id];
    if (!before) return;
    dispatch(topicKept({ ...before, ...patch }));
    try {
      const call = classroom.PATCH('/topics/{topic_id}', { params: { path: { topic_id: id } }, body: patch });
      dispatch(topicKept(await data(call)));
    } catch (error) {
      dispatch(topicKept(before));
      throw error;
    }
  },
);

export const deleteTopic = createCommand<void, string>('topics/delete', async (id, { dispatch }) => {
  await classroom.DELETE('/topics/{topic_id}', { params: { path: { topic_id: id } } });
  dispatch(topicGone(id));
});

/** The topic that was dragged takes the place of the one it was dropped on; the others move up or down. */
export const moveTopic = createCommand<void, { id: string; over: string }>(
  'topics/move',
  async ({ id, over }, { dispatch, getState }) => {
    const moved = getState().classrooms.topics.entities[id];
    if (!moved || id === over) return;
    const before = selectTopics(moved.classroom_id)(getState()).map((topic) => topic.id);
    const others = before.filter((one) => one !== id);
    const place = before.indexOf(over);
    const topic_ids = [...others.slice(0, place), id, ...others.slice(place)];
    dispatch(topicsOrdered(topic_ids));
    try {
      await classroom.PUT('/classrooms/{classroom_id}/topics/order', {
        params: { path: { classroom_id: moved.classroom_id } },
        body: { topic_ids },
      });
    } catch (error) {
      dispatch(topicsOrdered(before));
      throw error;
    }
  },
);

export const classrooms = createSlice({
  name: 'classrooms',
  initialState: empty,
  reducers: {
    classroomChanged(state, { payload }: PayloadAction<Partial<Classroom> & { id: string }>) {
      const held = state.classrooms.entities[payload.id];
      const isOlder = held && payload.version !== undefined && payload.version < held.version;
      if (!isOlder) byTitle.updateOne(state.classrooms, { id: payload.id, changes: payload });
    },
    classroomGone(state, { payload }: PayloadAction<string>) {
      byTitle.removeOne(state.classrooms, payload);
    },
    topicKept(state, { payload }: PayloadAction<Topic>) {
      const held = state.topics.entities[payload.id];
      if (!held || held.version <= payload.version) byPosition.setOne(state.topics, payload);
    },
    topicGone(state, { payload }: PayloadAction<string>) {
      byPosition.removeOne(state.topics, payload);
    },
    topicsOrdered(state, { payload }: PayloadAction<string[]>) {
      byPosition.updateMany(
        state.topics,
        payload.map((id, index) => ({ id, changes: { position: index + 1 } })),
      );
    },
  },
  extraReducers: (build) => {
    build.addCase(told, (state, { payload }) => {
      byTitle.removeMany(state.classrooms, payload.lostViews);
      payload.lostViews.forEach((id) => forgetTopics(state, id));
      payload.views.forEach((view) => {
        byTitle.setOne(state.classrooms, classroomOf(view));
        forgetTopics(state, view.classroom.id);
        byPosition.setMany(state.topics, topicsOf(view));
      });
    });
  },
});

const { classroomGone, topicKept, topicGone, topicsOrdered } = classrooms.actions;
export const { classroomChanged } = classrooms.actions;

const selectors = byTitle.getSelectors((state: State) => state.classrooms.classrooms);
const topicSelectors = byPosition.getSelectors((state: State) => state.classrooms.topics);

export const selectClassrooms = selectors.selectAll;
export const selectClassroom = (id: string) => (state: State) => selectors.selectById(state, id);
export const selectActiveClassrooms = createSelector(selectClassrooms, (all) =>
  all.filter((one) => one.status === 'active'),
);
const topicsByClassroom = createSelector(topicSelectors.selectAll, (all) =>
  all.reduce<Record<string, Topic[]>>((groups, topic) => {
    (groups[topic.classroom_id] ??= []).push(topic);
    return groups;
  }, {}),
);
const none: never[] = [];
export const selectTopics = (classroomId: string) => (state: State) => topicsByClassroom(state)[classroomId] ?? none;
