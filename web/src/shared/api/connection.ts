/** Whether the server answers and whether what is shown is kept up to date: what the offline banner tells. */
type Listener = () => void;
export type Standing = 'well' | 'behind' | 'offline';

/** A short break mends itself before anybody needs to know. */
const UNNOTICED_MS = 5000;

let reachable = true;
let behind = false;
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
  if (!now) noticing = setTimeout(() => setBehind(true), UNNOTICED_MS);
  else setBehind(false);
}

function setBehind(now: boolean): void {
  if (now === behind) return;
  behind = now;
  tell();
}

export const connection = {
  subscribe: (listener: Listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  standing: (): Standing => (!reachable ? 'offline' : behind ? 'behind' : 'well'),
};

if (typeof window !== 'undefined') {
  window.addEventListener('offline', () => noteReachable(false));
  window.addEventListener('online', () => noteReachable(true));
}
