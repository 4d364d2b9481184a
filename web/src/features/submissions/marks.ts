import { typed } from '@/features/gradebook/cells';
import type { ClassroomSchemas } from '@/shared/api/schemas';
import type { Grade } from './api';

/** A grade as it is typed. */
export interface Marks {
  score: string;
  excused: boolean;
  feedback: string;
  released: boolean;
  /** The version that it was begun on; null: there was no grade. */
  version: number | null;
}

export const marked = (grade: Grade | null): Marks => ({
  score: grade?.score ?? '',
  excused: grade?.excused ?? false,
  feedback: grade?.feedback ?? '',
  // What its student has seen stays something that they see.
  released: Boolean(grade?.released_at),
  version: grade?.version ?? null,
});

/** What is sent for what was typed; null while the score is none. What is late the newest turn-in says. */
export function asGrade(marks: Marks): ClassroomSchemas['NewGrade'] | null {
  const found = typed(marks.score);
  if ('wrong' in found) return null;
  const excused = marks.excused || 'excused' in found;
  const score = !excused && 'score' in found ? found.score : null;
  return { score, excused, feedback: marks.feedback, released: marks.released, late: null };
}
