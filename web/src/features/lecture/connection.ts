/** The one lecture this window is in: its socket, and what somebody does in it. */
import { data, lectureChat } from '@/shared/api/client';
import { resources } from '@/shared/api/resources';
import { LiveSocket } from '@/shared/api/socket';
import type { Dispatch, State } from '@/shared/store';
import type { Entry, Pending, ServerFrame } from './frames';
import { entered, frameTaken, lastSeq, left, olderTaken, queued, reacted, statusChanged, voted } from './store';

type Thunk = (dispatch: Dispatch, getState: () => State) => void;

const OLDER_AT_ONCE = 200;
const AGAIN_MS = 1500;

let socket: LiveSocket<ServerFrame> | null = null;
let again: ReturnType<typeof setTimeout> | undefined;

/** Enter a live lecture; the one before is left. */
export const enter =
  (lectureId: string): Thunk =>
  (dispatch, getState) => {
    leaveSocket();
    dispatch(entered());
    const held = () => lastSeq(getState().lecture);
    const opened = new LiveSocket<ServerFrame>(
      () => `/api/lecture-chat/lectures/${lectureId}/socket${held() > 0 ? `?since=${held()}` : ''}`,
      {
        onStatus: (status, end, why) => {
          dispatch(statusChanged({ status, end, why }));
          if (end) dispatch(resources.util.invalidateTags(['lectures']));
        },
        ask: async () => {
          const call = lectureChat.GET('/lectures/{lecture_id}', { params: { path: { lecture_id: lectureId } } });
          return (await data(call)).closed_at ? 'ended' : undefined;
        },
        onFrame: (frame) => {
          if (socket !== opened) return;
          if (hasGap(frame, held())) return opened.reopen();
          dispatch(frameTaken(frame));
          if (frame.type === 'hello') sendPending(getState().lecture.pending);
          if (frame.type === 'error' && frame.ref && isBusy(frame.code)) sendLater(frame.retry_after_ms, getState);
          if (frame.type === 'head' && frame.seq > held()) opened.reopen();
        },
      },
    );
    socket = opened;
    opened.open();
  };

export const leave = (): Thunk => (dispatch) => {
  leaveSocket();
  dispatch(left());
};

function leaveSocket(): void {
  clearTimeout(again);
  socket?.close();
  socket = null;
}

const isBusy = (code: string) => ['unavailable', 'overloaded', 'rate_limited'].includes(code);

/** Whether a numbered frame does not follow the last one held. */
function hasGap(frame: ServerFrame, held: number): boolean {
  const first = frame.type === 'messages' ? frame.messages.at(-1) : 'author' in frame ? frame : null;
  if (!first) return false;
  const count = frame.type === 'messages' ? frame.messages.length : 1;
  return first.seq > held + count;
}

function sendPending(pending: Pending[]): void {
  pending.forEach((frame) => socket?.send(frame));
}

function sendLater(afterMs: number | null, getState: () => State): void {
  clearTimeout(again);
  again = setTimeout(() => sendPending(getState().lecture.pending), afterMs ?? AGAIN_MS);
}

type Act = Pending extends infer P ? (P extends { client_id: string } ? Omit<P, 'client_id'> : never) : never;

/** An entry: kept until it is acknowledged, and sent again after each connect. */
export const act =
  (entry: Act): Thunk =>
  (dispatch) => {
    const pending = { ...entry, client_id: crypto.randomUUID() } as Pending;
    dispatch(queued(pending));
    socket?.send(pending);
  };

export const raiseHand =
  (up: boolean, account_id?: string): Thunk =>
  () =>
    void socket?.send({ type: 'hand', up, ...(account_id && { account_id }) });

export const react =
  (seq: number, emoji: string, on: boolean): Thunk =>
  (dispatch) => {
    if (socket?.send({ type: 'react', seq, emoji, on })) dispatch(reacted({ seq, emoji, on }));
  };

export const vote =
  (seq: number, option: number): Thunk =>
  (dispatch) => {
    if (socket?.send({ type: 'poll_vote', seq, option })) dispatch(voted({ seq, option }));
  };

export const mute =
  (account_id: string, muted: boolean): Thunk =>
  () =>
    void socket?.send({ type: 'mute', account_id, muted });

export const seen =
  (seq: number): Thunk =>
  () =>
    void socket?.send({ type: 'seen', seq });

/** Read what was said before the first entry held. */
export const readOlder = () => async (dispatch: Dispatch, getState: () => State) => {
  const { room, firstSeq } = getState().lecture;
  if (!room || firstSeq === 0) return;
  const call = lectureChat.GET('/lectures/{lecture_id}/messages', {
    params: { path: { lecture_id: room.lecture_id }, query: { before: firstSeq + 1, limit: OLDER_AT_ONCE } },
  });
  dispatch(olderTaken((await data(call)).items as Entry[]));
};

/** Read until an entry is held that was said long ago. */
export const readBackTo = (seq: number) => async (dispatch: Dispatch, getState: () => State) => {
  for (let first = Infinity; seq <= getState().lecture.firstSeq && getState().lecture.firstSeq < first;) {
    first = getState().lecture.firstSeq;
    await dispatch(readOlder());
  }
};
