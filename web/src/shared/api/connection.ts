/** Whether the server answers: what the offline banner shows. Any request may say so, none is made to find out. */
type Listener = () => void;

let reachable = true;
const listeners = new Set<Listener>();

export function noteReachable(now: boolean): void {
  if (now === reachable) return;
  reachable = now;
  listeners.forEach((listener) => listener());
}

export const connection = {
  subscribe: (listener: Listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  isReachable: () => reachable,
};

if (typeof window !== 'undefined') {
  window.addEventListener('offline', () => noteReachable(false));
  window.addEventListener('online', () => noteReachable(true));
}
