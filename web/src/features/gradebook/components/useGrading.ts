import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '@/shared/api/problem';
import type { GradingSchemas } from '@/shared/api/schemas';
import { useAppDispatch } from '@/shared/store';
import { showGrade, useGiveGradeMutation, type Chosen, type Draft, type NewGrade } from '../api';
import { typed } from '../cells';

/** Somebody else changed the grade first: what they gave, and what was about to be given. */
export interface Conflict {
  assignmentId: string;
  studentId: string;
  who: string;
  theirs: Draft;
  yours: NewGrade;
}

type GradeOf = (studentId: string, assignmentId: string) => Draft | undefined;

/** Gives the grades typed into cells, and settles conflicts. */
export function useGrading(chosen: Chosen, gradeOf: GradeOf) {
  const { t } = useTranslation('gradebook');
  const dispatch = useAppDispatch();
  const [send] = useGiveGradeMutation();
  const [conflict, setConflict] = useState<Conflict | null>(null);

  async function put(studentId: string, assignmentId: string, who: string, grade: NewGrade, version: number | null) {
    try {
      await send({ chosen, studentId, assignmentId, grade, version }).unwrap();
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status === 412 && problem.current) {
        const theirs = { ...(problem.current as Draft), assignment_id: assignmentId };
        dispatch(showGrade(chosen, theirs));
        setConflict({ studentId, assignmentId, who, yours: grade, theirs });
      } else {
        notifications.show({ color: 'red', title: t('notSaved', { who }), message: problem.detail, autoClose: 8000 });
      }
    }
  }

  async function give(student: GradingSchemas['BookStudent'], column: GradingSchemas['Column'], text: string) {
    const found = typed(text);
    if ('wrong' in found) return;
    const old = gradeOf(student.student_id, column.assignment_id);
    if (!old && 'withdrawn' in found) return;
    const grade: NewGrade = {
      score: 'score' in found ? found.score : null,
      excused: 'excused' in found,
      feedback: old?.feedback ?? '',
      // A grade that its student has seen stays one that they see.
      released: Boolean(old?.released_at),
      late: old?.late ?? null,
    };
    await put(
      student.student_id,
      column.assignment_id,
      `${student.name}, ${column.title}`,
      grade,
      old?.version ?? null,
    );
  }

  /** Put yours (`mine`) in the place of theirs, or leave it. */
  async function settle(mine: boolean) {
    if (!conflict) return;
    setConflict(null);
    const { studentId, assignmentId, who, yours, theirs } = conflict;
    if (mine) await put(studentId, assignmentId, who, yours, theirs.version);
  }

  return { give, conflict, settle };
}
