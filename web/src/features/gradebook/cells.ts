/** What a cell shows: the grade that classroom keeps (a draft, perhaps) before what grading was told. */
import type { GradingSchemas } from '@/shared/api/schemas';
import type { Draft } from './api';

export type BookCell = GradingSchemas['BookCell'];
type Look = 'graded' | 'draft' | 'excused' | 'missing' | 'handed_in' | 'open' | 'not_assigned';

export interface Cell {
  look: Look;
  /** A decimal string; null: none. */
  score: string | null;
  max: string | null;
  late: boolean;
  dropped: boolean;
  grade: Draft | null;
}

export function cellOf(told: BookCell, grade: Draft | undefined, points: string | null): Cell {
  const shared = { dropped: told.dropped !== null, grade: grade ?? null, late: grade?.late ?? told.late };
  const max = grade?.max_score ?? told.max_score ?? points;
  if (grade?.excused) return { ...shared, look: 'excused', score: null, max };
  if (grade && grade.score !== null) {
    return { ...shared, look: grade.released_at ? 'graded' : 'draft', score: grade.score, max };
  }
  return { ...shared, look: told.state, score: told.score, max };
}

/** Whether a score is more than the points possible: it is taken, but may be a slip of the hand. */
export const isAbove = (score: string | null, points: string | null) =>
  score !== null && points !== null && Number(score) > Number(points);

const SCORE = /^\d{1,8}(?:[.,]\d{1,4})?$/;

export type Typed = { score: string } | { withdrawn: true } | { excused: true } | { wrong: true };

/** What somebody typed into a cell: a score (comma or point), nothing, or `ex` for excused. */
export function typed(text: string): Typed {
  const plain = text.trim();
  if (plain === '') return { withdrawn: true };
  if (/^ex(?:cused)?$/i.test(plain)) return { excused: true };
  return SCORE.test(plain) ? { score: plain.replace(',', '.') } : { wrong: true };
}
