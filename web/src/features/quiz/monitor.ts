/** What a teacher's console knows: one row a student, the newest each. */
import type { MonitorFrame, Row } from './frames';

export interface Monitor {
  rows: Record<string, Row>;
  /** Every page of the snapshot is here. */
  whole: boolean;
  clockOffset: number;
  progress: number;
}

export const nothing: Monitor = { rows: {}, whole: false, clockOffset: 0, progress: 0 };

/** A row replaces another if it is not older. */
export function watched(monitor: Monitor, frame: MonitorFrame, at: number): Monitor {
  const next = { ...monitor, clockOffset: Date.parse(frame.now) - at };
  if (frame.type === 'head') return next;
  const rows = { ...monitor.rows };
  frame.rows.forEach((row) => {
    const known = rows[row.student_id];
    if (!known || row.changed >= known.changed) rows[row.student_id] = row;
  });
  const whole = frame.type === 'snapshot' ? !frame.more : monitor.whole;
  return { ...next, rows, whole, progress: frame.progress };
}

export type Need = 'help' | 'working' | 'absent' | 'done';

const QUIET_MS = 120_000;

/** How much somebody seems to need help: gone or silent while the attempt runs, then who works, then the rest. */
export function need(row: Row, now: number): Need {
  if (row.status === 'submitted') return 'done';
  if (!row.attempt_id) return 'absent';
  const silent = now - Date.parse(row.last_saved_at ?? row.started_at ?? '') > QUIET_MS;
  return !row.connected || row.away || row.status === 'paused' || silent ? 'help' : 'working';
}

const RANK: Record<Need, number> = { help: 0, working: 1, absent: 2, done: 3 };

export const byNeed = (now: number) => (a: Row, b: Row) =>
  RANK[need(a, now)] - RANK[need(b, now)] || a.answered_count - b.answered_count || a.name.localeCompare(b.name);
