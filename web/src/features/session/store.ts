import { createAction, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { auth, classroom, data } from '@/shared/api/client';
import type { Problem } from '@/shared/api/problem';
import type { AuthSchemas, ClassroomSchemas, Role, View } from '@/shared/api/schemas';
import { currentToken, forgetToken, keepToken } from '@/shared/api/tokens';
import { createCommand, type State } from '@/shared/store';
import { rememberSchool } from './lastSchool';
import { news, partsOf, type Told } from './parts';

type Login = AuthSchemas['Login'];

interface Session {
  status: 'unknown' | 'signed-out' | 'loading' | 'ready' | 'failed';
  /** Why nobody is signed in any more, or why loading failed. */
  problem: Problem | null;
  lost: boolean;
  role: Role | null;
  person: ClassroomSchemas['Person'] | null;
  summary: ClassroomSchemas['Summary'] | null;
  /** Of each part of the store that is held. */
  versions: Record<string, string>;
  aside: Record<string, View>;
}

const nobody: Session = {
  status: 'unknown',
  problem: null,
  lost: false,
  role: null,
  person: null,
  summary: null,
  versions: {},
  aside: {},
};

export const signedOut = createAction<{ lost: boolean }>('session/signedOut');

/** Parts of the store that changed, whole: each takes the place of the one that was held. */
export const told = createAction<Told>('session/told');

/** Everything that concerns the person, in one request; what is held and not in it is theirs no more. */
export const load = createCommand<Role>('session/load', async (_, { dispatch, getState }) => {
  const bootstrap = await data(classroom.GET('/bootstrap'));
  const parts = partsOf(bootstrap);
  const held = getState().session;
  const keys = new Set(parts.map((part) => part.key));
  dispatch(
    told(
      news(
        parts,
        Object.keys(held.versions).filter((key) => !keys.has(key)),
        held,
      ),
    ),
  );
  rememberSchool(bootstrap.person.school.id);
  return bootstrap.role;
});

/** At the start of the page: whoever has a refresh cookie goes on where they were. */
export const resume = createCommand<boolean>('session/resume', async (_, { dispatch }) => {
  if ((await currentToken()) === null) {
    dispatch(signedOut({ lost: false }));
    return false;
  }
  await dispatch(load());
  return true;
});

export const signIn = createCommand<void, Login>('session/signIn', async (body, { dispatch }) => {
  keepToken(await data(auth.POST('/login', { body })));
  await dispatch(load());
});

export const registerSchool = createCommand<void, AuthSchemas['NewSchool']>(
  'session/registerSchool',
  async (body, { dispatch }) => {
    keepToken(await data(auth.POST('/schools', { body })));
    await dispatch(load());
  },
);

/** The first code of a new second factor signs in; answers the recovery codes, which are shown once. */
export const confirmEnrolment = createCommand<string[], AuthSchemas['EnrolmentConfirmation']>(
  'session/confirmEnrolment',
  async (body) => {
    const tokens = await data(auth.POST('/second-factor/confirm', { body }));
    keepToken(tokens);
    return tokens.recovery_codes;
  },
);

export const switchSchool = createCommand<void, AuthSchemas['Switch']>('session/switch', async (body) => {
  keepToken(await data(auth.POST('/switch', { body })));
  window.location.assign('/');
});

export const signOut = createCommand('session/signOut', async (_, { dispatch }) => {
  await auth.POST('/logout', { body: {} });
  forgetToken();
  dispatch(signedOut({ lost: false }));
});

export const session = createSlice({
  name: 'session',
  initialState: nobody,
  reducers: {
    renamed(state, { payload }: PayloadAction<string>) {
      if (state.person) state.person.name = payload;
    },
    allSeen(state) {
      if (state.person) state.person.unseen = 0;
    },
    schoolRenamed(state, { payload }: PayloadAction<string>) {
      if (state.person) state.person.school.name = payload;
    },
  },
  extraReducers: (build) => {
    build
      .addCase(signedOut, (_, { payload }) => ({ ...nobody, status: 'signed-out', lost: payload.lost }))
      .addCase(load.pending, (state) => {
        if (state.status !== 'ready') state.status = 'loading';
        state.problem = null;
      })
      .addCase(told, (state, { payload }) => {
        if (payload.person) state.person = payload.person;
        if (payload.summary) state.summary = payload.summary;
        payload.gone.forEach((key) => delete state.versions[key]);
        Object.assign(state.versions, payload.versions);
        payload.lostViews.forEach((id) => delete state.aside[id]);
        Object.assign(state.aside, payload.aside);
      })
      .addCase(load.fulfilled, (state, { payload }) => {
        state.status = 'ready';
        state.role = payload;
      })
      .addCase(load.rejected, (state, { payload }) => {
        if (state.status === 'loading') state.status = 'failed';
        state.problem = payload ?? null;
      })
      .addCase(resume.rejected, (state, { payload }) => {
        state.status = 'failed';
        state.problem = payload ?? null;
      });
  },
});

export const { allSeen, renamed, schoolRenamed } = session.actions;

export const selectSession = (state: State) => state.session;
export const selectRole = (state: State) => state.session.role;
export const selectPerson = (state: State) => state.session.person;
export const selectIsTeacherOf = (classroomId: string) => (state: State) =>
  state.session.role !== 'student' && (state.session.person?.taught.includes(classroomId) ?? false);
