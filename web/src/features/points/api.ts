import { classroom } from '@/shared/api/client';
import { paged, pages } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';

type OwnPoints = ClassroomSchemas['OwnPoints'];
type Leaderboard = ClassroomSchemas['Leaderboard'];

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    ownPoints: build.infiniteQuery<OwnPoints, void, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ pageParam }) => answer(classroom.GET('/me/points', { params: { query: paged(pageParam) } })),
    }),
    leaderboard: build.infiniteQuery<Leaderboard, string, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: classroom_id, pageParam }) => {
        const params = { path: { classroom_id }, query: paged(pageParam) };
        return answer(classroom.GET('/classrooms/{classroom_id}/leaderboard', { params }));
      },
    }),
  }),
});

export const { useOwnPointsInfiniteQuery, useLeaderboardInfiniteQuery } = api;
