import { allSeen } from '@/features/session/store';
import { classroom } from '@/shared/api/client';
import { paged, pages } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';

export type Notification = ClassroomSchemas['Notification'];
type Page = ClassroomSchemas['Notifications'];

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    /** Asked for by their page; again when the feed brought another person (features/session/feed.ts). */
    notifications: build.infiniteQuery<Page, void, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ pageParam }) => answer(classroom.GET('/notifications', { params: { query: paged(pageParam) } })),
      providesTags: ['notifications'],
    }),
    seeNotifications: build.mutation<unknown, string>({
      queryFn: (until) => answer<unknown>(classroom.POST('/notifications/seen', { body: { until } })),
      invalidatesTags: ['notifications'],
      onQueryStarted: async (_, { dispatch, queryFulfilled }) => {
        await queryFulfilled;
        dispatch(allSeen());
      },
    }),
  }),
});

export const { useNotificationsInfiniteQuery, useSeeNotificationsMutation } = api;
