/** The attempt that is being taken: each answer with its revision and whether it is safe. */
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { End, Status } from '@/shared/api/socket';
import type { State } from '@/shared/store';
import type { Attempt, Standing, TakingFrame, Value } from './frames';

/** `typed`: not sent yet or not acknowledged. */
export type Safety = 'typed' | 'saved' | 'stale' | 'refused';

export interface Answer {
  value: Value;
  rev: number;
  safety: Safety;
}

export interface AttemptState {
  connection: Status | 'idle';
  end: End | null;
  why: string | null;
  attempt: Attempt | null;
  answers: Record<string, Answer>;
  flagged: string[];
  messages: { id: string; body: string; sent_at: string }[];
  /** Server time minus this computer's, in milliseconds. */
  clockOffset: number;
}

const idle: AttemptState = {
  connection: 'idle',
  end: null,
  why: null,
  attempt: null,
  answers: {},
  flagged: [],
  messages: [],
  clockOffset: 0,
};

/** What was typed before a reload stays above an older saved revision. */
function takeAttempt(state: AttemptState, attempt: Attempt): void {
  state.attempt = attempt;
  state.flagged = attempt.flagged;
  state.messages = attempt.messages;
  attempt.answers.forEach((saved) => {
    const own = state.answers[saved.question_id];
    if (!own || own.safety === 'saved' || saved.rev >= own.rev)
      state.answers[saved.question_id] = { value: saved.value, rev: saved.rev, safety: 'saved' };
  });
}

function takeStanding(state: AttemptState, standing: Standing): void {
  if (state.attempt) Object.assign(state.attempt, standing);
}

export const attempt = createSlice({
  name: 'attempt',
  initialState: idle,
  reducers: {
    /** `kept`: what this browser still holds of the attempt. */
    attemptEntered: (_, { payload }: PayloadAction<{ attempt: Attempt; kept: Record<string, Answer>; at: number }>) => {
      const state: AttemptState = { ...idle, connection: 'connecting', answers: { ...payload.kept } };
      takeAttempt(state, payload.attempt);
      state.clockOffset = Date.parse(payload.attempt.now) - payload.at;
      return state;
    },
    attemptLeft: () => idle,
    connectionChanged(state, { payload }: PayloadAction<{ status: Status; end?: End; why?: string }>) {
      state.connection = payload.status;
      state.end = payload.end ?? null;
      state.why = payload.why ?? null;
    },
    answerTyped(state, { payload: { id, value } }: PayloadAction<{ id: string; value: Value }>) {
      state.answers[id] = { value, rev: (state.answers[id]?.rev ?? 0) + 1, safety: 'typed' };
    },
    flagToggled(state, { payload }: PayloadAction<string>) {
      const up = state.flagged.includes(payload);
      state.flagged = up ? state.flagged.filter((id) => id !== payload) : [...state.flagged, payload];
    },
    takingFrameTaken: {
      prepare: (frame: TakingFrame) => ({ payload: frame, meta: { at: Date.now() } }),
      reducer(state, { payload: frame, meta }: PayloadAction<TakingFrame, string, { at: number }>) {
        if ('now' in frame) state.clockOffset = Date.parse(frame.now) - meta.at;
        switch (frame.type) {
          case 'hello':
            takeAttempt(state, frame.attempt);
            break;
          case 'saved': {
            const own = state.answers[frame.question_id];
            if (own && frame.rev >= own.rev) own.safety = 'saved';
            break;
          }
          case 'refused': {
            const own = state.answers[frame.question_id];
            if (own && own.rev === frame.rev && frame.code !== 'unavailable' && frame.code !== 'paused')
              own.safety = frame.code === 'stale' ? 'stale' : 'refused';
            break;
          }
          case 'elsewhere': {
            const own = state.answers[frame.question_id];
            if (!own || frame.rev >= own.rev)
              state.answers[frame.question_id] = { value: frame.value, rev: frame.rev, safety: 'saved' };
            break;
          }
          case 'standing':
            takeStanding(state, frame);
            break;
          case 'message':
            if (!state.messages.some((one) => one.id === frame.id)) state.messages.push(frame);
            break;
          case 'head':
            break;
        }
      },
    },
  },
});

export const { attemptEntered, attemptLeft, connectionChanged, answerTyped, flagToggled, takingFrameTaken } =
  attempt.actions;

export const selectAttempt = (state: State): AttemptState => state.attempt;

/** What is typed and not acknowledged: what a browser must not lose. */
export const unsafe = (answers: Record<string, Answer>): Record<string, Answer> =>
  Object.fromEntries(Object.entries(answers).filter(([, answer]) => answer.safety === 'typed'));

/** Milliseconds left; null without a deadline. While paused the clock stands still. */
export function timeLeft({ attempt: taken, clockOffset }: AttemptState, now: number): number | null {
  if (!taken?.deadline_at) return null;
  const at = taken.paused_at ? Date.parse(taken.paused_at) : now + clockOffset;
  return Math.max(0, Date.parse(taken.deadline_at) - at);
}

/** `1:02:03`, `9:05`. */
export function clock(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
