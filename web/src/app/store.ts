import { combineReducers, configureStore, type UnknownAction } from '@reduxjs/toolkit';
import { assignments } from '@/features/assignments/store';
import { classrooms } from '@/features/classrooms/store';
import { own } from '@/features/own/store';
import { lecture } from '@/features/lecture/store';
import { attempt } from '@/features/quiz/store';
import { session, signedOut } from '@/features/session/store';
import { resources } from '@/shared/api/resources';

const parts = combineReducers({
  [session.name]: session.reducer,
  [classrooms.name]: classrooms.reducer,
  [assignments.name]: assignments.reducer,
  [own.name]: own.reducer,
  [lecture.name]: lecture.reducer,
  [attempt.name]: attempt.reducer,
  [resources.reducerPath]: resources.reducer,
});

/** Nothing of the person before stays after signing out. */
function reducer(state: ReturnType<typeof parts> | undefined, action: UnknownAction) {
  return parts(signedOut.match(action) ? undefined : state, action);
}

export const makeStore = () => configureStore({ reducer, middleware: (usual) => usual().concat(resources.middleware) });

export const store = makeStore();

export type Store = ReturnType<typeof makeStore>;
