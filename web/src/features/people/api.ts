import { auth, classroom } from '@/shared/api/client';
import { paged, pages } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { AuthSchemas, ClassroomSchemas, Role } from '@/shared/api/schemas';

export interface Filter {
  search: string;
  role: Role | null;
  status: AuthSchemas['Status'] | null;
}
type Accounts = AuthSchemas['Page_Account_'];
type Invitations = AuthSchemas['Page_Invitation_'];
export type Roster = AuthSchemas['Roster'] | ClassroomSchemas['Roster'];
export type RosterOf = 'auth' | 'classroom';

const SHOWN_ROSTERS = 5;

const chosen = <T extends object>(filter: T) =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value)) as Partial<{
    [K in keyof T]: NonNullable<T[K]>;
  }>;

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    accounts: build.infiniteQuery<Accounts, Filter, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg, pageParam }) =>
        answer(auth.GET('/accounts', { params: { query: { ...paged(pageParam), ...chosen(queryArg) } } })),
      providesTags: ['accounts'],
    }),
    changeAccount: build.mutation<AuthSchemas['Account'], { id: string; change: AuthSchemas['AccountChange'] }>({
      queryFn: ({ id, change }) =>
        answer(auth.PATCH('/accounts/{account_id}', { params: { path: { account_id: id } }, body: change })),
      invalidatesTags: ['accounts'],
    }),
    temporaryPassword: build.mutation<AuthSchemas['TemporaryPassword'], string>({
      queryFn: (account_id) =>
        answer(auth.POST('/accounts/{account_id}/temporary-password', { params: { path: { account_id } } })),
    }),
    endSessionsOf: build.mutation<unknown, string>({
      queryFn: (account_id) =>
        answer<unknown>(auth.DELETE('/accounts/{account_id}/sessions', { params: { path: { account_id } } })),
    }),
    invitations: build.infiniteQuery<Invitations, void, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ pageParam }) => answer(auth.GET('/invitations', { params: { query: paged(pageParam) } })),
      providesTags: ['invitations'],
    }),
    invitationCounts: build.query<AuthSchemas['InvitationCounts'], void>({
      queryFn: () => answer(auth.GET('/invitations/counts')),
      providesTags: ['invitations'],
    }),
    invite: build.mutation<AuthSchemas['Invitation'], AuthSchemas['NewInvitation']>({
      queryFn: (body) => answer(auth.POST('/invitations', { body })),
      invalidatesTags: ['invitations'],
    }),
    resendInvitation: build.mutation<unknown, string>({
      queryFn: (invitation_id) =>
        answer<unknown>(auth.POST('/invitations/{invitation_id}/resend', { params: { path: { invitation_id } } })),
      invalidatesTags: ['invitations'],
    }),
    revokeInvitation: build.mutation<unknown, string>({
      queryFn: (invitation_id) =>
        answer<unknown>(auth.DELETE('/invitations/{invitation_id}', { params: { path: { invitation_id } } })),
      invalidatesTags: ['invitations'],
    }),
    /** The newest imports of people and of classrooms. */
    rosters: build.query<Record<RosterOf, Roster[]>, void>({
      queryFn: async () => {
        const params = { query: { limit: SHOWN_ROSTERS } };
        const [people, rooms] = [
          await answer(auth.GET('/rosters', { params })),
          await answer(classroom.GET('/rosters', { params })),
        ];
        if ('error' in people) return people;
        if ('error' in rooms) return rooms;
        return { data: { auth: people.data.items, classroom: rooms.data.items } };
      },
      keepUnusedDataFor: 0,
    }),
    roster: build.query<Roster, { of: RosterOf; id: string }>({
      queryFn: ({ of, id }) => {
        const params = { path: { roster_id: id } };
        return of === 'auth'
          ? answer<Roster>(auth.GET('/rosters/{roster_id}', { params }))
          : answer<Roster>(classroom.GET('/rosters/{roster_id}', { params }));
      },
    }),
  }),
});

export const {
  useAccountsInfiniteQuery,
  useChangeAccountMutation,
  useTemporaryPasswordMutation,
  useEndSessionsOfMutation,
  useInvitationsInfiniteQuery,
  useInvitationCountsQuery,
  useInviteMutation,
  useResendInvitationMutation,
  useRevokeInvitationMutation,
  useRostersQuery,
  useRosterQuery,
} = api;
