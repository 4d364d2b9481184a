/** A student's own part of each classroom, as the bootstrap tells it: released grades, work, notes. */
import { createSelector, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { told } from '@/features/session/store';
import type { OwnGrade, OwnNote, OwnWork } from '@/shared/api/schemas';
import type { State } from '@/shared/store';

/** By classroom. */
const empty: Record<string, OwnWork> = {};

export const own = createSlice({
  name: 'own',
  initialState: empty,
  reducers: {
    noteKept(state, { payload: { classroom_id, note } }: PayloadAction<{ classroom_id: string; note: OwnNote }>) {
      const work = state[classroom_id];
      if (!work) return;
      const others = work.notes.filter((one) => one.assignment_id !== note.assignment_id);
      const held = work.notes.find((one) => one.assignment_id === note.assignment_id);
      if (!held || held.rev <= note.rev) work.notes = [...others, note];
    },
  },
  extraReducers: (build) => {
    build.addCase(told, (state, { payload }) => {
      payload.lostOwn.forEach((id) => delete state[id]);
      payload.own.forEach((work) => (state[work.classroom_id] = work));
    });
  },
});

export const { noteKept } = own.actions;

const selectOwn = (state: State) => state.own;

const byAssignment = <T extends { assignment_id: string }>(list: T[]): Record<string, T> =>
  Object.fromEntries(list.map((one) => [one.assignment_id, one]));

/** Released grades by assignment. */
export const selectGrades = createSelector(selectOwn, (all): Record<string, OwnGrade> =>
  byAssignment(Object.values(all).flatMap((work) => work.grades)),
);
const selectGroups = createSelector(selectOwn, (all) =>
  byAssignment(Object.values(all).flatMap((work) => work.groups)),
);
export const selectGroup = (assignmentId: string) => (state: State) => selectGroups(state)[assignmentId] ?? null;
const selectSubmissions = createSelector(selectOwn, (all) =>
  byAssignment(Object.values(all).flatMap((work) => work.submissions)),
);
export const selectHasWork = (assignmentId: string) => (state: State) => assignmentId in selectSubmissions(state);
/** Work that is with its teachers, by assignment. */
export const selectHandedIn = createSelector(selectOwn, (all) =>
  byAssignment(
    Object.values(all)
      .flatMap((work) => work.submissions)
      .filter((one) => one.status === 'turned_in'),
  ),
);
const selectNotes = createSelector(selectOwn, (all) => byAssignment(Object.values(all).flatMap((work) => work.notes)));
/** The ids of what the student has behind them: graded, or handed in. */
export const selectBehind = createSelector(
  selectGrades,
  selectHandedIn,
  (grades, handedIn): ReadonlySet<string> => new Set([...Object.keys(grades), ...Object.keys(handedIn)]),
);
export const selectNote = (assignmentId: string) => (state: State) => selectNotes(state)[assignmentId] ?? null;

/** Over all classrooms. */
export const selectPoints = createSelector(selectOwn, (all) =>
  Object.values(all).reduce((sum, work) => sum + work.points, 0),
);
/** Topics with nothing left to do, the newest first. */
export const selectBadges = createSelector(selectOwn, (all) =>
  Object.values(all)
    .flatMap((work) => work.badges)
    .sort((a, b) => b.earned_at.localeCompare(a.earned_at)),
);
export const selectBadge = (topicId: string | undefined) => (state: State) =>
  selectBadges(state).find((badge) => badge.topic_id === topicId) ?? null;
