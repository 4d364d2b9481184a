import { auth, download } from '@/shared/api/client';
import { answer, resources } from '@/shared/api/resources';
import type { AuthSchemas } from '@/shared/api/schemas';

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    sessions: build.query<AuthSchemas['SessionList'], void>({
      queryFn: () => answer(auth.GET('/me/sessions')),
      providesTags: ['sessions'],
    }),
    endSession: build.mutation<unknown, string>({
      queryFn: (session_id) =>
        answer<unknown>(auth.DELETE('/me/sessions/{session_id}', { params: { path: { session_id } } })),
      invalidatesTags: ['sessions'],
    }),
    endAllSessions: build.mutation<unknown, void>({
      queryFn: () => answer<unknown>(auth.DELETE('/me/sessions')),
    }),
    ownExport: build.query<AuthSchemas['OwnExport'], void>({
      queryFn: () => answer(auth.GET('/me/export')),
      providesTags: ['export'],
    }),
    askExport: build.mutation<AuthSchemas['DataRequest'], void>({
      queryFn: () => answer(auth.POST('/me/export')),
      invalidatesTags: ['export'],
    }),
    memberships: build.query<AuthSchemas['MembershipList'], void>({
      queryFn: () => answer(auth.GET('/me/memberships')),
    }),
    factor: build.query<AuthSchemas['FactorState'], void>({
      queryFn: () => answer(auth.GET('/me/second-factor')),
      providesTags: ['factor'],
    }),
    startFactor: build.mutation<AuthSchemas['Enrolment'], string>({
      queryFn: (password) => answer(auth.POST('/me/second-factor', { body: { password } })),
    }),
    confirmFactor: build.mutation<AuthSchemas['RecoveryCodes'], string>({
      queryFn: (code) => answer(auth.POST('/me/second-factor/confirm', { body: { code } })),
    }),
    removeFactor: build.mutation<unknown, AuthSchemas['FactorRemoval']>({
      queryFn: (body) => answer<unknown>(auth.POST('/me/second-factor/remove', { body })),
      invalidatesTags: ['factor'],
    }),
  }),
});

export const {
  useSessionsQuery,
  useEndSessionMutation,
  useEndAllSessionsMutation,
  useOwnExportQuery,
  useAskExportMutation,
  useMembershipsQuery,
  useFactorQuery,
  useStartFactorMutation,
  useConfirmFactorMutation,
  useRemoveFactorMutation,
} = api;
export const saveExport = () => download('/api/auth/me/export.zip', 'homeroom.zip');
export const factorChanged = () => resources.util.invalidateTags(['factor']);
