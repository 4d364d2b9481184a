import { auth } from '@/shared/api/client';
import { answer, resources } from '@/shared/api/resources';
import type { AuthSchemas } from '@/shared/api/schemas';

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    signInOptions: build.query<AuthSchemas['SignInOptions'], string>({
      queryFn: (school_id) => answer(auth.GET('/schools/{school_id}/sign-in', { params: { path: { school_id } } })),
    }),
    passwordRule: build.query<AuthSchemas['PasswordRule'], void>({
      queryFn: () => answer(auth.GET('/password-rule')),
    }),
    enrolment: build.query<AuthSchemas['Enrolment'], string>({
      queryFn: (enrolment_token) => answer(auth.POST('/second-factor', { body: { enrolment_token } })),
    }),
  }),
});

export const { useSignInOptionsQuery, usePasswordRuleQuery, useEnrolmentQuery } = api;
