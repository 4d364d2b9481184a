import { useEffect, useRef, useState } from 'react';
import { selectNote } from '@/features/own/store';
import { problemOf, type Problem } from '@/shared/api/problem';
import { useKept } from '@/shared/hooks/useKept';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { draftOf, overtaken, saveNote, type Draft } from './store';

type Safety = 'saved' | 'typed' | 'saving' | 'failed';

const AFTER_TYPING_MS = 1000;
const AGAIN_MS = 8000;
/** What saving again will not mend. */
const isFinal = ({ status }: Problem) => status >= 400 && status < 500 && status !== 429;

/** One's own note on a lecture, saved a moment after each pause in typing; what is not saved survives a reload. */
export function useNote(classroomId: string, assignmentId: string) {
  const dispatch = useAppDispatch();
  const note = useAppSelector(selectNote(assignmentId));
  const [draft, setDraft, forget] = useKept<Draft | null>(`note.${assignmentId}`, null);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const conflict = overtaken(draft, note);
  const waits = draft !== null && !conflict && !saving && !(problem && isFinal(problem));

  async function save(sent: Draft) {
    setSaving(true);
    try {
      const isSaved = await dispatch(saveNote({ classroomId, assignmentId, draft: sent })).unwrap();
      setProblem(null);
      if (!isSaved) return;
      if (newest.current.draft?.body === sent.body) forget();
      else setDraft((now) => now && { ...now, rev: sent.rev + 1 });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setSaving(false);
    }
  }

  // What is newest, for a save that begins or ends later than it was asked for.
  const newest = useRef({ draft, waits, save });
  useEffect(() => {
    newest.current = { draft, waits, save };
  });
  useEffect(() => {
    if (!waits || !draft) return;
    const timer = setTimeout(() => void newest.current.save(draft), problem ? AGAIN_MS : AFTER_TYPING_MS);
    return () => clearTimeout(timer);
  }, [waits, draft, problem]);
  // Leaving the page does not wait for a pause in typing.
  useEffect(
    () => () => {
      const last = newest.current;
      if (last.waits && last.draft) void last.save(last.draft);
    },
    [],
  );

  const now = draft ?? draftOf(note);
  const safety: Safety = problem ? 'failed' : saving ? 'saving' : draft ? 'typed' : 'saved';
  return {
    body: now.body,
    seq: now.seq,
    saved: note,
    safety,
    problem,
    conflict,
    write: (body: string, seq: number | null) => {
      setProblem((before) => (before && isFinal(before) ? null : before));
      setDraft({ body, seq: seq ?? now.seq, rev: now.rev });
    },
    keepMine: () => setDraft({ ...now, rev: note?.rev ?? 0 }),
    keepTheirs: forget,
  };
}
