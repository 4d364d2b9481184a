/** Typed hooks and thunks. The state's shape comes from the app, as a type alone. */
import { createAsyncThunk } from '@reduxjs/toolkit';
import { useDispatch, useSelector } from 'react-redux';
// eslint-disable-next-line no-restricted-imports -- a type, not code
import type { Store } from '@/app/store';
import { problemOf, type Problem } from './api/problem';

export type State = ReturnType<Store['getState']>;
export type Dispatch = Store['dispatch'];

export const useAppDispatch = useDispatch.withTypes<Dispatch>();
export const useAppSelector = useSelector.withTypes<State>();

const thunk = createAsyncThunk.withTypes<{ state: State; dispatch: Dispatch; rejectValue: Problem }>();

/** A thunk that rejects with a `Problem`: `await dispatch(save(x)).unwrap()` throws it. */
export function createCommand<Answer, Argument = void>(
  type: string,
  run: (argument: Argument, store: { dispatch: Dispatch; getState: () => State }) => Promise<Answer>,
) {
  return thunk<Answer, Argument>(type, async (argument, { dispatch, getState, rejectWithValue }) => {
    try {
      return await run(argument, { dispatch, getState });
    } catch (error) {
      return rejectWithValue(problemOf(error));
    }
  });
}
