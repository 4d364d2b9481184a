/**
 * Big reads (lists, analytics): fetched once when their page is entered, then kept. Features add their endpoints:
 *
 *     const api = resources.injectEndpoints({ endpoints: (build) => ({
 *       audit: build.query<AuditPage, Filter>({ queryFn: (filter) => answer(auth.GET('/audit-log', …)) }),
 *     }) });
 *
 * What the bootstrap brings lives in the slices of its feature, not here.
 */
import { createApi, fakeBaseQuery } from '@reduxjs/toolkit/query/react';
import { data } from './client';
import { problemOf, type Problem } from './problem';

export const resources = createApi({
  reducerPath: 'resources',
  baseQuery: fakeBaseQuery<Problem>(),
  keepUnusedDataFor: 3600,
  tagTypes: [
    'limits',
    'usage',
    'accounts',
    'invitations',
    'school',
    'sessions',
    'factor',
    'tokens',
    'export',
    'groups',
    'notifications',
    'classroom-invitations',
    'providers',
    'rosters',
    'members',
    'grades',
    'figures',
    'policies',
    'lectures',
    'attendance',
    'quizzes',
    'attempts',
    'work',
    'comments',
    'notes',
    'bank',
    'extra-time',
    'marking',
  ],
  endpoints: () => ({}),
});

/** A call of the API as a query's or a mutation's result. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<{ data: T } | { error: Problem }> {
  try {
    return { data: (await data(call)) ?? (null as T) };
  } catch (error) {
    return { error: problemOf(error) };
  }
}
