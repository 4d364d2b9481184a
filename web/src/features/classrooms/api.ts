import { classroom, data, download } from '@/shared/api/client';
import { everything, paged, pages } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';

type Members = ClassroomSchemas['Page_Member_'];
type Summaries = ClassroomSchemas['Page_ClassroomSummary_'];

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    allClassrooms: build.infiniteQuery<Summaries, void, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ pageParam }) => answer(classroom.GET('/classrooms', { params: { query: paged(pageParam) } })),
      providesTags: ['members'],
    }),
    students: build.infiniteQuery<Members, string, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: classroom_id, pageParam }) => {
        const params = { path: { classroom_id }, query: paged(pageParam) };
        return answer(classroom.GET('/classrooms/{classroom_id}/students', { params }));
      },
      providesTags: ['members'],
    }),
    /** All of them at once: for choosing among them. */
    everyStudent: build.query<ClassroomSchemas['Member'][], string>({
      queryFn: (classroom_id) =>
        everything((query) =>
          data(classroom.GET('/classrooms/{classroom_id}/students', { params: { path: { classroom_id }, query } })),
        ),
      providesTags: ['members'],
    }),
    teachers: build.infiniteQuery<Members, string, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: classroom_id, pageParam }) => {
        const params = { path: { classroom_id }, query: paged(pageParam) };
        return answer(classroom.GET('/classrooms/{classroom_id}/teachers', { params }));
      },
      providesTags: ['members'],
    }),
    removeMember: build.mutation<null, { classroom_id: string; account_id: string; kind: 'students' | 'teachers' }>({
      queryFn: async ({ classroom_id, account_id, kind }) => {
        const params = { path: { classroom_id, account_id } };
        const call =
          kind === 'students'
            ? classroom.DELETE('/classrooms/{classroom_id}/students/{account_id}', { params })
            : classroom.DELETE('/classrooms/{classroom_id}/teachers/{account_id}', { params });
        return answer(call as Promise<{ data?: null }>);
      },
      invalidatesTags: ['members'],
    }),
  }),
});

export const saveRoster = ({ id, title }: { id: string; title: string }) =>
  download(`/api/classroom/classrooms/${id}/oneroster.zip`, `${title}.zip`);

export const {
  useAllClassroomsInfiniteQuery,
  useStudentsInfiniteQuery,
  useEveryStudentQuery,
  useTeachersInfiniteQuery,
  useRemoveMemberMutation,
} = api;
