const KEY = 'homeroom.last-assignment';

/** Remember where the person was, for “resume where you left off”. */
export const visited = (assignmentId: string) => localStorage.setItem(KEY, assignmentId);

export const lastVisited = () => localStorage.getItem(KEY);
