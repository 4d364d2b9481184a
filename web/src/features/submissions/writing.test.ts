import { describe, expect, it } from 'vitest';
import type { AttachedFile } from '@/shared/api/schemas';
import type { Work } from './api';
import { add, changed, lateness, overtaken, saved, takeOff } from './writing';

const file = (file_id: string) => ({ file_id, name: file_id, size: 1 }) as AttachedFile;
const work = (revision: number, body: string, files: AttachedFile[] = []) => ({ revision, body, files }) as Work;

describe('what is written', () => {
  it('begins on what is saved, and is nothing once it says the same again', () => {
    const typed = changed(null, work(2, 'a'), () => ({ body: 'ab' }));
    expect(typed).toEqual({ body: 'ab', files: [], revision: 2 });
    expect(changed(typed, work(2, 'a'), () => ({ body: 'a' }))).toBeNull();
  });
  it('keeps every file of several that arrive one after another', () => {
    const both = changed(changed(null, null, add(file('x'))), null, add(file('y')));
    expect(both?.files.map((one) => one.file_id)).toEqual(['x', 'y']);
    expect(changed(both, null, takeOff('x'))?.files).toEqual([file('y')]);
  });
  it('is overtaken only by something else that was saved since', () => {
    const typed = changed(null, work(1, 'a'), () => ({ body: 'mine' }));
    expect(overtaken(typed, work(1, 'a'))).toBe(false);
    expect(overtaken(typed, work(2, 'theirs'))).toBe(true);
    expect(overtaken(typed, work(2, 'mine'))).toBe(false);
    expect(overtaken(null, work(2, 'theirs'))).toBe(false);
    expect(saved(null).revision).toBe(0);
  });
  it('tells how late in the largest whole unit', () => {
    expect(lateness(30)).toEqual({ unit: 'minutes', count: 1 });
    expect(lateness(7300)).toEqual({ unit: 'hours', count: 2 });
    expect(lateness(200_000)).toEqual({ unit: 'days', count: 2 });
  });
});
