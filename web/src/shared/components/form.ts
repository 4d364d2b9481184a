import type { UseFormReturnType } from '@mantine/form';
import { useEffect } from 'react';
import type { Problem } from '@/shared/api/problem';

/** Put what the service says about each field beside that field; true if some field was named. */
export function useFieldErrors<T extends object>(form: UseFormReturnType<T>, problem: Problem | null): void {
  const { setErrors } = form;
  useEffect(() => {
    if (problem && Object.keys(problem.fields).length > 0) setErrors(problem.fields);
  }, [problem, setErrors]);
}

/** Whether the problem is told by the fields alone, so that no box need repeat it. */
export const toldByFields = (problem: Problem | null, names: string[]): boolean =>
  problem !== null &&
  Object.keys(problem.fields).length > 0 &&
  Object.keys(problem.fields).every((field) => names.includes(field));
