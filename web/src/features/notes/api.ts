import { classroom } from '@/shared/api/client';
import { paged, pages } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';

type Notes = ClassroomSchemas['Notes'];

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    notes: build.infiniteQuery<Notes, string, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: assignment_id, pageParam }) => {
        const params = { path: { assignment_id }, query: paged(pageParam) };
        return answer(classroom.GET('/assignments/{assignment_id}/notes', { params }));
      },
      providesTags: (_, __, id) => [{ type: 'notes', id }],
    }),
  }),
});

export const { useNotesInfiniteQuery } = api;
