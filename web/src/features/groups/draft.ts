/** Groups while a teacher puts them together: what is not saved yet, on top of the revision it was begun on. */
import type { ClassroomSchemas } from '@/shared/api/schemas';
import type { Grouping, Member } from './api';

/** Where whoever is in no group stands. */
export const UNGROUPED = 'ungrouped';

export interface DraftGroup {
  /** Tells groups apart before the service gave them ids. */
  key: string;
  id: string | null;
  name: string;
  students: Member[];
  hasWork: boolean;
}

export interface Draft {
  mode: ClassroomSchemas['Mode'];
  limit: number | null;
  revision: number;
  groups: DraftGroup[];
  ungrouped: Member[];
}

export const draftOf = (saved: Grouping): Draft => ({
  mode: saved.mode,
  limit: saved.limit,
  revision: saved.revision,
  groups: saved.groups.map(({ id, name, students, work }) => ({
    key: id,
    id,
    name,
    students: students ?? [],
    hasWork: work !== null && work !== 'missing',
  })),
  ungrouped: saved.ungrouped ?? [],
});

export const bodyOf = ({ mode, limit, groups }: Draft): ClassroomSchemas['NewGrouping'] => ({
  mode,
  limit,
  groups: groups.map(({ id, name, students }) => ({
    ...(id && { id }),
    name: name.trim(),
    student_ids: students.map((one) => one.student_id),
  })),
});

/** Where a student stands: the key of a group, or `UNGROUPED`. */
export const placeOf = (draft: Draft, studentId: string): string =>
  draft.groups.find((group) => group.students.some((one) => one.student_id === studentId))?.key ?? UNGROUPED;

const byName = (a: Member, b: Member) => a.name.localeCompare(b.name);
const without = (list: Member[], id: string) => list.filter((one) => one.student_id !== id);

/** With a student in another group, or in none. */
export function put(draft: Draft, studentId: string, place: string): Draft {
  const everybody = [...draft.ungrouped, ...draft.groups.flatMap((group) => group.students)];
  const student = everybody.find((one) => one.student_id === studentId);
  if (!student) return draft;
  const placed = (list: Member[], here: boolean) => {
    const others = without(list, studentId);
    return here ? [...others, student].sort(byName) : others;
  };
  return {
    ...draft,
    groups: draft.groups.map((group) => ({ ...group, students: placed(group.students, group.key === place) })),
    ungrouped: placed(draft.ungrouped, place === UNGROUPED),
  };
}

/** Without a group; its students are in none then. */
export function dissolve(draft: Draft, key: string): Draft {
  const gone = draft.groups.find((group) => group.key === key);
  return {
    ...draft,
    groups: draft.groups.filter((group) => group.key !== key),
    ungrouped: [...draft.ungrouped, ...(gone?.students ?? [])].sort(byName),
  };
}

/** Somebody's work begun there is not moved unseen. */
export const needsWord = (draft: Draft, studentId: string, place: string): boolean =>
  draft.groups.some((group) => group.hasWork && (group.key === place || group.key === placeOf(draft, studentId)));

export const isFull = (draft: Draft, place: string): boolean => {
  const group = draft.groups.find((one) => one.key === place);
  return draft.limit !== null && group !== undefined && group.students.length >= draft.limit;
};
