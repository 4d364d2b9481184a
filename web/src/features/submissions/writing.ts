/** What a student has typed and not saved, above what the service keeps. */
import type { AttachedFile } from '@/shared/api/schemas';
import type { Work } from './api';

export interface Unsaved {
  body: string;
  files: AttachedFile[];
  /** The revision that it was begun on; 0: nothing was saved. */
  revision: number;
}

export const saved = (work: Work | null): Unsaved => ({
  body: work?.body ?? '',
  files: work?.files ?? [],
  revision: work?.revision ?? 0,
});

const same = (a: Unsaved, b: Unsaved) =>
  a.body === b.body && a.files.map((one) => one.file_id).join() === b.files.map((one) => one.file_id).join();

/** `kept` with a change in it; null once it says what is saved. */
export function changed(kept: Unsaved | null, work: Work | null, change: (now: Unsaved) => Partial<Unsaved>) {
  const now = kept ?? saved(work);
  const next = { ...now, ...change(now) };
  return same(next, saved(work)) ? null : next;
}

/** Saved elsewhere since this was begun, and not the same: one of the two has to be chosen. */
export const overtaken = (kept: Unsaved | null, work: Work | null): boolean =>
  kept !== null && kept.revision !== saved(work).revision && !same(kept, saved(work));

export const add = (file: AttachedFile) => (now: Unsaved) => ({ files: [...now.files, file] });
export const takeOff = (file_id: string) => (now: Unsaved) => ({
  files: now.files.filter((one) => one.file_id !== file_id),
});

/** “2 days”, “3 hours”, “5 minutes” of so many seconds, as the unit and its count. */
export function lateness(seconds: number): { unit: 'days' | 'hours' | 'minutes'; count: number } {
  if (seconds >= 86_400) return { unit: 'days', count: Math.floor(seconds / 86_400) };
  if (seconds >= 3600) return { unit: 'hours', count: Math.floor(seconds / 3600) };
  return { unit: 'minutes', count: Math.max(1, Math.floor(seconds / 60)) };
}
