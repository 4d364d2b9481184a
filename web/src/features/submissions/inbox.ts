import type { StudentWork } from './api';

/** Those whose name has every typed word in it. */
export function found(list: StudentWork[], search: string): StudentWork[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return list.filter(({ name }) => words.every((word) => name.toLocaleLowerCase().includes(word)));
}

/** The next (1) or previous (-1) of the list; the first when nobody is chosen, none beyond its ends. */
export function beside(list: StudentWork[], chosen: string | null, step: 1 | -1): StudentWork | undefined {
  const at = list.findIndex((one) => one.student_id === chosen);
  return at < 0 ? list[0] : list[at + step];
}
