/** Whether the server answers and whether what is shown is kept up to date: what the offline banner tells. */
type Listener = () => void;
export type Standing = 'well' | 'behind' | 'stopped' | 'offline';

/** A short break mends itself before anybody needs to know. */
const UNNOTICED_MS = 5000;

let reachable = true;
let following: Exclude<Standing, 'offline'> = 'well';
let noticing: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<Listener>();
const tell = () => listeners.forEach((listener) => listener());

/** Any request may say so, none is made to find out. */
export function noteReachable(now: boolean): void {
  if (now === reachable) return;
  reachable = now;
  tell();
}

/** The change feed is connected, or not. */
export function noteFollowing(now: boolean): void {
  clearTimeout(noticing);
  if (!now) noticing = setTimeout(() => setFollowing('behind'), UNNOTICED_MS);
  else setFollowing('well');
}

/** The change feed does not come back by itself. */
export function noteStopped(): void {
  clearTimeout(noticing);
  setFollowing('stopped');
}

function setFollowing(now: typeof following): void {
  if (now === following) return;
  following = now;
  tell();
}

export const connection = {
  subscribe: (listener: Listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  standing: (): Standing => (reachable ? following : 'offline'),
};

if (typeof window !== 'undefined') {
  window.addEventListener('offline', () => noteReachable(false));
  window.addEventListener('online', () => noteReachable(true));
}
