/** What travels on the two sockets of a quiz: docs/quiz-protocol.md. */
import type { ClassroomSchemas } from '@/shared/api/schemas';

export type Attempt = ClassroomSchemas['Attempt'];
export type Question = ClassroomSchemas['ShownQuestion'];
export type Row = ClassroomSchemas['ProgressRow'];
export type Value = unknown;

export interface Standing {
  status: Attempt['status'];
  now: string;
  deadline_at: string | null;
  paused_at: string | null;
  submitted_at: string | null;
  submitted_by: Attempt['submitted_by'];
}

export type TakingFrame =
  | { type: 'hello'; attempt: Attempt }
  | { type: 'saved'; question_id: string; rev: number; hash: string; saved_at: string }
  | { type: 'refused'; question_id: string; rev: number; code: string; detail: string; newest_rev: number | null }
  | { type: 'elsewhere'; question_id: string; value: Value; rev: number; hash: string }
  | ({ type: 'standing' } & Standing)
  | { type: 'message'; id: string; body: string; sent_at: string; to_all: boolean }
  | { type: 'head'; progress: number; now: string };

export type MonitorFrame =
  | { type: 'snapshot'; progress: number; now: string; rows: Row[]; more: boolean }
  | { type: 'delta'; progress: number; now: string; rows: Row[] }
  | { type: 'head'; progress: number; now: string };
