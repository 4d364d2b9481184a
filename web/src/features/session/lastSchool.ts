/** The school that was used here last: its sign-in providers are offered next time. */
const KEY = 'homeroom.school';

export const lastSchool = (): string | null => localStorage.getItem(KEY);
export const rememberSchool = (id: string): void => localStorage.setItem(KEY, id);
