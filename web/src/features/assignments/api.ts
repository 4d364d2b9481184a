import { pages, paged } from '@/shared/api/paging';
import { classroom } from '@/shared/api/client';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';

type Grades = ClassroomSchemas['Page_Grade_'];
const api = resources.injectEndpoints({
  endpoints: (build) => ({
    grades: build.infiniteQuery<Grades, string, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: assignment_id, pageParam }) => {
        const params = { path: { assignment_id }, query: paged(pageParam) };
        return answer(classroom.GET('/assignments/{assignment_id}/grades', { params }));
      },
      providesTags: (_, __, id) => [{ type: 'grades', id }],
    }),
    releaseGrades: build.mutation<ClassroomSchemas['Released'], string>({
      queryFn: (assignment_id) =>
        answer(classroom.POST('/assignments/{assignment_id}/release', { params: { path: { assignment_id } } })),
      invalidatesTags: (_, __, id) => [{ type: 'grades', id }],
    }),
  }),
});

export const { useGradesInfiniteQuery, useReleaseGradesMutation } = api;
