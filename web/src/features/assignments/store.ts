import { createEntityAdapter, createSelector, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { told } from '@/features/session/store';
import { classroom, data, ifMatch, onceOnly } from '@/shared/api/client';
import type { AssignmentPart, ClassroomSchemas, OwnWork, View } from '@/shared/api/schemas';
import { createCommand, type State } from '@/shared/store';

export interface Assignment extends AssignmentPart {
  classroom_id: string;
  /** Told to a student with their own work, because it is not for everybody. */
  targeted: boolean;
}

const byDue = createEntityAdapter<Assignment>({
  sortComparer: (a, b) => (a.due_at ?? '9999').localeCompare(b.due_at ?? '9999') || a.title.localeCompare(b.title),
});

const empty = { assignments: byDue.getInitialState() };

const placed = (classroom_id: string, targeted: boolean) => (part: AssignmentPart) => ({
  ...part,
  classroom_id,
  targeted,
});
const sharedOf = (view: View) => view.assignments.map(placed(view.classroom.id, false));
const targetedOf = (work: OwnWork) => work.assignments.map(placed(work.classroom_id, true));

/** What is told anew takes the place of all that the same source told before. */
function replace(state: typeof empty, classroomId: string, targeted: boolean, told: Assignment[]): void {
  const before = Object.values(state.assignments.entities).filter(
    (one) => one.classroom_id === classroomId && one.targeted === targeted,
  );
  byDue.removeMany(
    state.assignments,
    before.map((one) => one.id),
  );
  byDue.setMany(state.assignments, told);
}

export const addAssignment = createCommand<string, { classroom_id: string; body: ClassroomSchemas['NewAssignment'] }>(
  'assignments/add',
  async ({ classroom_id, body }, { dispatch }) => {
    const call = classroom.POST('/classrooms/{classroom_id}/assignments', {
      params: { path: { classroom_id } },
      body,
      headers: onceOnly(),
    });
    const added = await data(call);
    dispatch(assignmentKept(asPart(added)));
    return added.id;
  },
);

/** Shown at once, taken back if the server refuses; a stale edit is refused with 412. */
export const changeAssignment = createCommand<
  void,
  { id: string; revision: number; patch: ClassroomSchemas['AssignmentPatch'] }
>('assignments/change', async ({ id, revision, patch }, { dispatch, getState }) => {
  const before = getState().assignments.assignments.entities[id];
  if (before) dispatch(assignmentKept({ ...before, ...shown(patch) }));
  try {
    const call = classroom.PATCH('/assignments/{assignment_id}', {
      params: { path: { assignment_id: id } },
      body: patch,
      headers: ifMatch(revision),
    });
    dispatch(assignmentKept(asPart(await data(call), before)));
  } catch (error) {
    if (before) dispatch(assignmentKept(before));
    throw error;
  }
});

export const deleteAssignment = createCommand<void, string>('assignments/delete', async (id, { dispatch }) => {
  await classroom.DELETE('/assignments/{assignment_id}', { params: { path: { assignment_id: id } } });
  dispatch(assignmentGone(id));
});

const LAST = 1_000_000;

interface Order {
  classroomId: string;
  /** null: those without a topic. */
  topicId: string | null;
  /** All of the topic, in their new order. */
  ids: string[];
}

type Place = Pick<Assignment, 'id' | 'topic_id' | 'position'>;

/** Shown at once; put back where it was if the server refuses. */
export const placeAssignments = createCommand<void, Order>('assignments/place', async (order, store) => {
  const { classroomId, topicId, ids } = order;
  const before: Place[] = selectAssignments(classroomId)(store.getState());
  store.dispatch(assignmentsPlaced(order));
  try {
    await classroom.PUT('/classrooms/{classroom_id}/assignments/order', {
      params: { path: { classroom_id: classroomId } },
      body: { topic_id: topicId, assignment_ids: ids },
    });
  } catch (error) {
    store.dispatch(assignmentsPutBack(before));
    throw error;
  }
});

/** The answer to a teacher, as the bootstrap would tell it; its place and its groups are told with the classroom. */
const asPart = (answer: ClassroomSchemas['Assignment'], held?: Assignment): Assignment => ({
  ...answer,
  targeted: false,
  position: held?.position ?? LAST,
  groups: held?.groups ?? null,
  publish_at: answer.publish_at ?? null,
  assigned_to: answer.assigned_to ?? null,
  grade_count: answer.grade_count ?? null,
  released_count: answer.released_count ?? null,
  turned_in_count: answer.turned_in_count ?? null,
});

/** What a change will look like; what the server works out (links, files, times by zone) comes with its answer. */
function shown(patch: ClassroomSchemas['AssignmentPatch']): Partial<Assignment> {
  const { points_possible, links: _links, file_ids: _files, ...rest } = patch;
  if (points_possible === undefined) return rest;
  return { ...rest, points_possible: points_possible === null ? null : String(points_possible) };
}

export const assignments = createSlice({
  name: 'assignments',
  initialState: empty,
  reducers: {
    assignmentKept(state, { payload }: PayloadAction<Assignment>) {
      const held = state.assignments.entities[payload.id];
      if (!held || held.revision <= payload.revision) byDue.setOne(state.assignments, payload);
    },
    /** A topic's assignments in their order, from wherever they were. */
    assignmentsPlaced(state, { payload: { topicId, ids } }: PayloadAction<Order>) {
      byDue.updateMany(
        state.assignments,
        ids.map((id, index) => ({ id, changes: { topic_id: topicId, position: index + 1 } })),
      );
    },
    assignmentsPutBack(state, { payload }: PayloadAction<Place[]>) {
      byDue.updateMany(
        state.assignments,
        payload.map(({ id, topic_id, position }) => ({ id, changes: { topic_id, position } })),
      );
    },
    assignmentGone(state, { payload }: PayloadAction<string>) {
      byDue.removeOne(state.assignments, payload);
    },
  },
  extraReducers: (build) => {
    build.addCase(told, (state, { payload }) => {
      payload.lostViews.forEach((id) => replace(state, id, false, []));
      payload.lostOwn.forEach((id) => replace(state, id, true, []));
      payload.views.forEach((view) => replace(state, view.classroom.id, false, sharedOf(view)));
      payload.own.forEach((work) => replace(state, work.classroom_id, true, targetedOf(work)));
    });
  },
});

const { assignmentGone, assignmentsPlaced, assignmentsPutBack } = assignments.actions;
export const { assignmentKept } = assignments.actions;

const selectors = byDue.getSelectors((state: State) => state.assignments.assignments);
const none: never[] = [];

export const selectAllAssignments = selectors.selectAll;
export const selectAssignment = (id: string) => (state: State) => selectors.selectById(state, id);
const byClassroom = createSelector(selectors.selectAll, (all) => {
  const groups: Record<string, Assignment[]> = {};
  for (const one of all) (groups[one.classroom_id] ??= []).push(one);
  Object.values(groups).forEach((group) => group.sort((a, b) => a.position - b.position));
  return groups;
});
/** A classroom's, in the order that its teachers gave them. */
export const selectAssignments = (classroomId: string) => (state: State) => byClassroom(state)[classroomId] ?? none;

/** How much of a classroom or topic a student has `behind` them, material aside. */
export function progress(list: Assignment[], behind: ReadonlySet<string>): { done: number; total: number } {
  const counted = list.filter((one) => one.kind !== 'material' && one.status === 'published');
  return { done: counted.filter((one) => behind.has(one.id)).length, total: counted.length };
}
