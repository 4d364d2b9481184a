import { auth, onceOnly } from '@/shared/api/client';
import { paged, pages } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { AuthSchemas } from '@/shared/api/schemas';

export interface AuditFilter {
  action?: string;
  since?: string;
  until?: string;
}
type Entries = AuthSchemas['Page_AuditEntry_'];

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    school: build.query<AuthSchemas['School'], void>({
      queryFn: () => answer(auth.GET('/school')),
      providesTags: ['school'],
    }),
    changeSchool: build.mutation<AuthSchemas['School'], AuthSchemas['SchoolChange']>({
      queryFn: (body) => answer(auth.PATCH('/school', { body })),
      invalidatesTags: ['school'],
    }),
    providers: build.query<AuthSchemas['ProviderList'], void>({
      queryFn: () => answer(auth.GET('/providers')),
      providesTags: ['providers'],
    }),
    addProvider: build.mutation<AuthSchemas['Provider'], AuthSchemas['NewProvider']>({
      queryFn: (body) => answer(auth.POST('/providers', { body })),
      invalidatesTags: ['providers'],
    }),
    removeProvider: build.mutation<unknown, string>({
      queryFn: (provider_id) =>
        answer<unknown>(auth.DELETE('/providers/{provider_id}', { params: { path: { provider_id } } })),
      invalidatesTags: ['providers'],
    }),
    apiTokens: build.query<AuthSchemas['ApiTokenList'], void>({
      queryFn: () => answer(auth.GET('/api-tokens')),
      providesTags: ['tokens'],
    }),
    addApiToken: build.mutation<AuthSchemas['CreatedApiToken'], AuthSchemas['NewApiToken']>({
      queryFn: (body) => answer(auth.POST('/api-tokens', { body, headers: onceOnly() })),
      invalidatesTags: ['tokens'],
    }),
    revokeApiToken: build.mutation<unknown, string>({
      queryFn: (token_id) => answer<unknown>(auth.DELETE('/api-tokens/{token_id}', { params: { path: { token_id } } })),
      invalidatesTags: ['tokens'],
    }),
    /** What happened last, a page of it. */
    lastAudited: build.query<Entries, void>({
      queryFn: () => answer(auth.GET('/audit-log', { params: { query: paged(null) } })),
      keepUnusedDataFor: 0,
    }),
    auditLog: build.infiniteQuery<Entries, AuditFilter, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg, pageParam }) =>
        answer(auth.GET('/audit-log', { params: { query: { ...paged(pageParam), ...queryArg } } })),
      keepUnusedDataFor: 0,
    }),
  }),
});

export const {
  useSchoolQuery,
  useChangeSchoolMutation,
  useProvidersQuery,
  useAddProviderMutation,
  useRemoveProviderMutation,
  useApiTokensQuery,
  useAddApiTokenMutation,
  useRevokeApiTokenMutation,
  useLastAuditedQuery,
  useAuditLogInfiniteQuery,
} = api;
