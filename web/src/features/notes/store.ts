/** Saving a note: as often as one types, each time as the next revision; an older one never replaces a newer. */
import { noteKept } from '@/features/own/store';
import { classroom, data } from '@/shared/api/client';
import { problemOf } from '@/shared/api/problem';
import type { OwnNote } from '@/shared/api/schemas';
import { createCommand } from '@/shared/store';

/** What is typed and not saved yet. */
export interface Draft {
  body: string;
  /** The message of the chat it was last written at. */
  seq: number | null;
  /** The revision it was begun on; 0: nothing was saved. */
  rev: number;
}

export const draftOf = (note: OwnNote | null): Draft => ({
  body: note?.body ?? '',
  seq: note?.seq ?? null,
  rev: note?.rev ?? 0,
});

/** Saved elsewhere since this was begun, and not the same: one of the two has to be chosen. */
export const overtaken = (draft: Draft | null, note: OwnNote | null): boolean =>
  draft !== null && note !== null && note.rev > draft.rev && note.body !== draft.body;

interface Saving {
  classroomId: string;
  assignmentId: string;
  draft: Draft;
}

/** Answers whether the note was saved; false: a newer one stands, which is held now. */
export const saveNote = createCommand<boolean, Saving>(
  'notes/save',
  async ({ classroomId, assignmentId, draft }, { dispatch }) => {
    const keep = (note: OwnNote) => dispatch(noteKept({ classroom_id: classroomId, note }));
    const path = { assignment_id: assignmentId };
    const body = { body: draft.body, seq: draft.seq, rev: draft.rev + 1 };
    try {
      keep(asOwn(await data(classroom.PUT('/assignments/{assignment_id}/notes/me', { params: { path }, body }))));
      return true;
    } catch (error) {
      if (problemOf(error).code !== 'older_rev') throw error;
      const { items } = await data(classroom.GET('/assignments/{assignment_id}/notes', { params: { path } }));
      if (items[0]) keep(asOwn(items[0]));
      return false;
    }
  },
);

const asOwn = ({ assignment_id, body, rev, seq, updated_at }: OwnNote): OwnNote => ({
  assignment_id,
  body,
  rev,
  seq,
  updated_at,
});

const MARK = /#(\d{1,9})\b/g;

/** The messages of the chat that a note names, `#12`, each once. */
export const marksIn = (body: string): number[] => [...new Set([...body.matchAll(MARK)].map((one) => Number(one[1])))];
