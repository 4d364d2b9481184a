import { classroom, data } from '@/shared/api/client';
import { paged, pages } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';
import { problemOf, type Problem } from '@/shared/api/problem';

export type Invitation = ClassroomSchemas['Invitation'];
type Page = ClassroomSchemas['Page_Invitation_'];

/** What became of many addresses at once. */
export interface Invited {
  enrolled: string[];
  written: string[];
  refused: { email: string; problem: Problem }[];
}

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    invited: build.infiniteQuery<Page, string, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: classroom_id, pageParam }) => {
        const params = { path: { classroom_id }, query: { ...paged(pageParam), status: 'pending' as const } };
        return answer(classroom.GET('/classrooms/{classroom_id}/invitations', { params }));
      },
      providesTags: ['classroom-invitations'],
    }),
    /** One after another; an address that is refused keeps no other from being invited. */
    inviteStudents: build.mutation<Invited, { classroomId: string; emails: string[] }>({
      queryFn: async ({ classroomId, emails }) => {
        const outcome: Invited = { enrolled: [], written: [], refused: [] };
        for (const email of emails) await inviteOne(classroomId, email, outcome);
        return { data: outcome };
      },
      invalidatesTags: ['classroom-invitations', 'members'],
    }),
    withdrawInvitation: build.mutation<unknown, { classroom_id: string; invitation_id: string }>({
      queryFn: (path) =>
        answer<unknown>(
          classroom.DELETE('/classrooms/{classroom_id}/invitations/{invitation_id}', { params: { path } }),
        ),
      invalidatesTags: ['classroom-invitations'],
    }),
    handOver: build.mutation<unknown, { classroom_id: string; account_id: string }>({
      queryFn: ({ classroom_id, account_id }) =>
        answer<unknown>(
          classroom.PUT('/classrooms/{classroom_id}/owner', {
            params: { path: { classroom_id } },
            body: { account_id },
          }),
        ),
      invalidatesTags: ['members'],
    }),
  }),
});

async function inviteOne(classroom_id: string, email: string, outcome: Invited): Promise<void> {
  try {
    const call = classroom.POST('/classrooms/{classroom_id}/invitations', {
      params: { path: { classroom_id } },
      body: { email },
    });
    const { status } = await data(call);
    (status === 'accepted' ? outcome.enrolled : outcome.written).push(email);
  } catch (error) {
    outcome.refused.push({ email, problem: problemOf(error) });
  }
}

/** Addresses as people paste them: apart by commas, semicolons, spaces or lines, each once. */
export const addressesIn = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\s,;<>]+/)
      .filter((word) => word.includes('@'))
      .map((word) => word.toLowerCase()),
  ),
];

export const {
  useInvitedInfiniteQuery,
  useInviteStudentsMutation,
  useWithdrawInvitationMutation,
  useHandOverMutation,
} = api;
