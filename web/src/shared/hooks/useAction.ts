import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { problemOf, type Problem } from '@/shared/api/problem';

interface Action {
  /** Runs the work; true if it succeeded. A second call while one runs does nothing. */
  run: (work: () => Promise<unknown>, done?: string) => Promise<boolean>;
  busy: boolean;
  problem: Problem | null;
}

/** Work that a person started: busy while it runs, a notice when it is done, its problem when it failed. */
export function useAction({ quiet = false }: { quiet?: boolean } = {}): Action {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function run(work: () => Promise<unknown>, done?: string): Promise<boolean> {
    if (busy) return false;
    setBusy(true);
    setProblem(null);
    try {
      await work();
      if (done) notifications.show({ message: done });
      return true;
    } catch (error) {
      const found = problemOf(error);
      setProblem(found);
      if (!quiet) notifications.show({ color: 'red', title: found.title, message: found.detail, autoClose: 8000 });
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { run, busy, problem };
}
