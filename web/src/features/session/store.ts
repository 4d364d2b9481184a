import { createAction, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { auth, classroom, data } from '@/shared/api/client';
import type { Problem } from '@/shared/api/problem';
import type { AuthSchemas, Bootstrap, ClassroomSchemas, OwnWork, Role, View } from '@/shared/api/schemas';
import { currentToken, forgetToken, keepToken } from '@/shared/api/tokens';
import { createCommand, type State } from '@/shared/store';

type Login = AuthSchemas['Login'];

interface Session {
  status: 'unknown' | 'signed-out' | 'loading' | 'ready' | 'failed';
  /** Why nobody is signed in any more, or why loading failed. */
  problem: Problem | null;
  lost: boolean;
  role: Role | null;
  person: ClassroomSchemas['Person'] | null;
  summary: ClassroomSchemas['Summary'] | null;
}

const nobody: Session = { status: 'unknown', problem: null, lost: false, role: null, person: null, summary: null };

export const signedOut = createAction<{ lost: boolean }>('session/signedOut');

/** Parts of the bootstrap that changed, whole: they take the place of what was held of that classroom. */
export const viewTaken = createAction<View>('session/viewTaken');
export const ownTaken = createAction<OwnWork>('session/ownTaken');
export const classroomLost = createAction<string>('session/classroomLost');

/** Everything that concerns the person, in one request. */
export const load = createCommand<Bootstrap>('session/load', () => data(classroom.GET('/bootstrap')));

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
      .addCase(load.fulfilled, (_, { payload }) => ({
        ...nobody,
        status: 'ready',
        role: payload.role,
        person: payload.person,
        summary: payload.summary,
      }))
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

export const { renamed, schoolRenamed } = session.actions;

export const selectSession = (state: State) => state.session;
export const selectRole = (state: State) => state.session.role;
export const selectPerson = (state: State) => state.session.person;
export const selectIsTeacherOf = (classroomId: string) => (state: State) =>
  state.session.role !== 'student' && (state.session.person?.taught.includes(classroomId) ?? false);
