import type { ReactNode } from 'react';
import type { Problem } from '@/shared/api/problem';
import { Failure } from './Failure';
import { Loading } from './Loading';

interface Props<T> {
  /** What a `resources` query hook returns. */
  query: { data?: T; error?: unknown; refetch: () => unknown };
  children: (data: T) => ReactNode;
  waiting?: ReactNode;
}

/** The answer of a query, or that it is on its way, or why it did not come. */
export function Resource<T>({ query, children, waiting = <Loading /> }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failure problem={query.error as Problem} onRetry={() => void query.refetch()} />;
  return waiting;
}
