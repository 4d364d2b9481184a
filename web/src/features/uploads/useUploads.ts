import { useEffect, useRef, useState } from 'react';
import { files } from '@/shared/api/client';
import { problemOf, type Problem } from '@/shared/api/problem';
import { upload, type Step, type StoredFile } from './upload';

/** A file on its way, or one that did not arrive. */
export interface Sending {
  key: string;
  file: File;
  step: Step;
  problem: Problem | null;
}

const START: Step = { phase: 'hashing', part: 0 };

/** The files that are on their way from here; each that arrives is handed to `onStored`. They stop with the page. */
export function useUploads(onStored: (file: StoredFile) => void) {
  const [sendings, setSendings] = useState<Sending[]>([]);
  const stops = useRef(new Map<string, AbortController>());
  useEffect(() => {
    const running = stops.current;
    return () => running.forEach((stop) => stop.abort());
  }, []);

  // What is told last counts: a file may arrive long after it was picked.
  const tell = useRef(onStored);
  useEffect(() => {
    tell.current = onStored;
  });

  const change = (key: string, part: Partial<Sending>) =>
    setSendings((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const drop = (key: string) => setSendings((all) => all.filter((one) => one.key !== key));

  async function start(key: string, file: File) {
    const stop = new AbortController();
    stops.current.set(key, stop);
    change(key, { problem: null, step: START });
    try {
      const stored = await upload(file, { signal: stop.signal, onStep: (step) => change(key, { step }) });
      drop(key);
      tell.current(stored);
    } catch (error) {
      if (!stop.signal.aborted) change(key, { problem: problemOf(error) });
    } finally {
      stops.current.delete(key);
    }
  }

  function add(picked: File[]) {
    const added = picked.map((file) => ({ key: crypto.randomUUID(), file, step: START, problem: null }));
    setSendings((all) => [...all, ...added]);
    added.forEach(({ key, file }) => void start(key, file));
  }

  function remove(key: string) {
    stops.current.get(key)?.abort();
    drop(key);
  }

  return { sendings, add, remove, retry: ({ key, file }: Sending) => void start(key, file) };
}

/** Delete what is attached nowhere; what still is stays, and what is never attached goes by itself after a month. */
export const forget = (file_id: string) =>
  files.DELETE('/files/{file_id}', { params: { path: { file_id } } }).catch(() => undefined);
