import { currentPerson } from '@/shared/api/tokens';
import { useEffect, useState, type Dispatch, type SetStateAction } from 'react';

const read = <T>(key: string, first: T): T => {
  try {
    const kept = sessionStorage.getItem(key);
    return kept === null ? first : (JSON.parse(kept) as T);
  } catch {
    return first;
  }
};

/** State that survives a reload of the page, for who typed it: nothing is lost. `forget` once it is saved. */
export function useKept<T>(key: string, first: T): [T, Dispatch<SetStateAction<T>>, () => void] {
  const place = `homeroom.kept.${currentPerson()}.${key}`;
  const [value, setValue] = useState<T>(() => read(place, first));
  useEffect(() => {
    try {
      if (value === first) sessionStorage.removeItem(place);
      else sessionStorage.setItem(place, JSON.stringify(value));
    } catch {
      // Storage is full or closed: what was typed lives as long as the page.
    }
  }, [place, value, first]);
  const forget = () => {
    setValue(first);
    sessionStorage.removeItem(place);
  };
  return [value, setValue, forget];
}
