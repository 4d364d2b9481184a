/** The attempt this window takes: its socket, what is typed, and the browser's own copy of what is not safe yet. */
import { classroom, data } from '@/shared/api/client';
import { LiveSocket } from '@/shared/api/socket';
import { createCommand, type Dispatch, type State } from '@/shared/store';
import type { Attempt, TakingFrame, Value } from './frames';
import {
  answerTyped,
  attemptEntered,
  attemptLeft,
  connectionChanged,
  flagToggled,
  takingFrameTaken,
  unsafe,
  type Answer,
} from './store';

type Thunk = (dispatch: Dispatch, getState: () => State) => void;

const TYPING_PAUSE_MS = 500;
const AGAIN_MS = 2000;
const LONGEST_FRAME = 15_000;

let socket: LiveSocket<TakingFrame> | null = null;
const timers = new Map<string, ReturnType<typeof setTimeout>>();

const place = (attemptId: string) => `homeroom.attempt.${attemptId}`;

function keep(getState: () => State): void {
  const { attempt, answers } = getState().attempt;
  if (!attempt) return;
  const left = unsafe(answers);
  try {
    if (Object.keys(left).length > 0) localStorage.setItem(place(attempt.id), JSON.stringify(left));
    else localStorage.removeItem(place(attempt.id));
  } catch {
    // Storage is full or closed: the answers live as long as the page.
  }
}

function kept(attemptId: string): Record<string, Answer> {
  try {
    return JSON.parse(localStorage.getItem(place(attemptId)) ?? '{}') as Record<string, Answer>;
  } catch {
    return {};
  }
}

/** Start the quiz or go on with the unfinished attempt. */
export const take = createCommand<void, string>('attempt/take', async (assignment_id, { dispatch, getState }) => {
  const call = classroom.POST('/assignments/{assignment_id}/attempts', { params: { path: { assignment_id } } });
  const attempt: Attempt = await data(call);
  stop();
  dispatch(attemptEntered({ attempt, kept: kept(attempt.id), at: Date.now() }));
  const opened = new LiveSocket<TakingFrame>(() => `/api/classroom/assignments/${assignment_id}/attempts/me/socket`, {
    onStatus: (status, end, why) => dispatch(connectionChanged({ status, end, why })),
    ask: async () => {
      const call = classroom.GET('/attempts/{attempt_id}', { params: { path: { attempt_id: attempt.id } } });
      const now: Attempt = await data(call);
      if (socket === opened) dispatch(takingFrameTaken({ type: 'hello', attempt: now }));
      return now.status === 'submitted' ? 'ended' : undefined;
    },
    onFrame: (frame) => {
      dispatch(takingFrameTaken(frame));
      keep(getState);
      if (frame.type === 'hello') sendAll(getState);
      if (frame.type === 'standing' && frame.status === 'open') sendAll(getState);
      if (frame.type === 'refused' && frame.code === 'unavailable') later(frame.question_id, AGAIN_MS, getState);
    },
  });
  socket = opened;
  opened.open();
  document.addEventListener('visibilitychange', tellFocus);
});

export const leaveAttempt = (): Thunk => (dispatch) => {
  stop();
  dispatch(attemptLeft());
};

function stop(): void {
  document.removeEventListener('visibilitychange', tellFocus);
  timers.forEach(clearTimeout);
  timers.clear();
  socket?.close();
  socket = null;
}

function tellFocus(): void {
  socket?.send({ type: 'focus', away: document.visibilityState === 'hidden' });
}

export const answer =
  (id: string, value: Value): Thunk =>
  (dispatch, getState) => {
    dispatch(answerTyped({ id, value }));
    keep(getState);
    later(id, TYPING_PAUSE_MS, getState);
  };

/** The question that is looked at now; what was typed in the one before is sent at once. */
export const lookAt =
  (id: string): Thunk =>
  (_, getState) => {
    sendAll(getState);
    socket?.send({ type: 'at', question_id: id });
  };

export const flag =
  (id: string): Thunk =>
  (dispatch, getState) => {
    dispatch(flagToggled(id));
    socket?.send({ type: 'flag', question_id: id, up: getState().attempt.flagged.includes(id) });
  };

function later(id: string, pause: number, getState: () => State): void {
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => sendOne(id, getState), pause),
  );
}

function sendAll(getState: () => State): void {
  Object.keys(unsafe(getState().attempt.answers)).forEach((id) => sendOne(id, getState));
}

function sendOne(id: string, getState: () => State): void {
  clearTimeout(timers.get(id));
  const own = getState().attempt.answers[id];
  if (own?.safety !== 'typed') return;
  const frame = { type: 'answer', question_id: id, value: own.value, rev: own.rev };
  if (JSON.stringify(frame).length < LONGEST_FRAME) socket?.send(frame);
  else void sendLong(id, own, getState);
}

/** What is longer than a frame goes by HTTP, under the same rules. */
async function sendLong(id: string, own: Answer, getState: () => State): Promise<void> {
  const attemptId = getState().attempt.attempt?.id;
  if (!attemptId) return;
  try {
    await classroom.PUT('/attempts/{attempt_id}/answers/{question_id}', {
      params: { path: { attempt_id: attemptId, question_id: id } },
      body: { value: own.value as never, rev: own.rev },
    });
    socket?.reopen();
  } catch {
    later(id, AGAIN_MS, getState);
  }
}

/** Hand in, once everything typed has been acknowledged or the student decided. */
export const handIn = createCommand<void, void>('attempt/handIn', async (_, { dispatch, getState }) => {
  sendAll(getState);
  const attemptId = getState().attempt.attempt?.id;
  if (!attemptId) return;
  const call = classroom.POST('/attempts/{attempt_id}/submit', { params: { path: { attempt_id: attemptId } } });
  const handed = await data(call);
  dispatch(takingFrameTaken({ type: 'hello', attempt: handed }));
});
