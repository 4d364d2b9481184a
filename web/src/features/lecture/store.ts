/** The lecture somebody is in: what the room's frames say, as one state. The connection is in connection.ts. */
import { createSelector, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { End, Status } from '@/shared/api/socket';
import type { State } from '@/shared/store';
import type { Author, Entry, Message, Pending, Poll, RaisedHand, Room, ServerFrame, You } from './frames';

export interface LectureState {
  status: Status | 'idle';
  end: End | null;
  why: string | null;
  room: Room | null;
  you: You | null;
  /** In order of `seq`, without a gap. */
  entries: Entry[];
  /** The number before the first entry held. */
  firstSeq: number;
  headSeq: number;
  pending: Pending[];
  present: Record<string, Author>;
  presentCount: number;
  announcementsOnly: boolean;
  pinnedSeq: number | null;
  hands: RaisedHand[];
  votes: Record<number, number[]>;
  reactions: Record<number, Record<string, number>>;
  mutedIds: string[];
  refusal: { code: string; detail: string } | null;
  closed: string | null;
}

const idle: LectureState = {
  status: 'idle',
  end: null,
  why: null,
  room: null,
  you: null,
  entries: [],
  firstSeq: 0,
  headSeq: 0,
  pending: [],
  present: {},
  presentCount: 0,
  announcementsOnly: false,
  pinnedSeq: null,
  hands: [],
  votes: {},
  reactions: {},
  mutedIds: [],
  refusal: null,
  closed: null,
};

const isNext = (state: LectureState, entry: Entry) => entry.seq === lastSeq(state) + 1;

export const lastSeq = (state: LectureState): number => state.entries.at(-1)?.seq ?? state.firstSeq;

function takeEntry(state: LectureState, entry: Entry): void {
  if (!isNext(state, entry)) return;
  state.entries.push(entry);
  state.headSeq = Math.max(state.headSeq, entry.seq);
  if (entry.type === 'deleted') empty(state, entry.target);
  if (entry.type === 'poll_closed') state.votes[entry.target] = entry.counts;
}

function empty(state: LectureState, seq: number): void {
  const message = state.entries.find((entry) => entry.seq === seq);
  if (message?.type === 'message') Object.assign(message, { body: '', files: [], mentions: [], deleted: true });
}

function takeState(state: LectureState, frame: Extract<ServerFrame, { type: 'state' }>): void {
  state.announcementsOnly = frame.announcements_only;
  state.pinnedSeq = frame.pinned_seq;
  state.hands = frame.hands;
  frame.polls.forEach(({ seq, counts }) => (state.votes[seq] = counts));
  frame.reactions.forEach(({ seq, emoji, count }) => {
    const of = (state.reactions[seq] ??= {});
    if (count > 0) of[emoji] = count;
    else delete of[emoji];
  });
}

export const lecture = createSlice({
  name: 'lecture',
  initialState: idle,
  reducers: {
    entered: () => ({ ...idle, status: 'connecting' as const }),
    left: () => idle,
    statusChanged(state, { payload }: PayloadAction<{ status: Status; end?: End; why?: string }>) {
      state.status = payload.status;
      state.end = payload.end ?? null;
      state.why = payload.why ?? null;
    },
    /** Shown at once as being sent; stays until its ack or a refusal. */
    queued(state, { payload }: PayloadAction<Pending>) {
      state.pending.push(payload);
      state.refusal = null;
    },
    voted(state, { payload }: PayloadAction<{ seq: number; option: number }>) {
      if (state.you) state.you.votes[payload.seq] = payload.option;
    },
    reacted(state, { payload: { seq, emoji, on } }: PayloadAction<{ seq: number; emoji: string; on: boolean }>) {
      if (!state.you) return;
      const others = state.you.reactions.filter(([at, sign]) => at !== seq || sign !== emoji);
      state.you.reactions = on ? [...others, [seq, emoji]] : others;
    },
    olderTaken(state, { payload }: PayloadAction<Entry[]>) {
      const older = payload.filter((entry) => entry.seq <= state.firstSeq);
      state.entries.unshift(...older);
      if (older[0]) state.firstSeq = older[0].seq - 1;
      state.entries.forEach((entry) => entry.type === 'deleted' && empty(state, entry.target));
    },
    frameTaken(state, { payload: frame }: PayloadAction<ServerFrame>) {
      switch (frame.type) {
        case 'hello':
          state.room = frame.lecture;
          state.you = frame.you;
          state.headSeq = frame.head_seq;
          if (state.entries.length === 0) state.firstSeq = frame.first_seq;
          state.present = {};
          break;
        case 'resync_required':
          state.entries = [];
          state.reactions = {};
          state.votes = {};
          break;
        case 'messages':
          frame.messages.forEach((entry) => takeEntry(state, entry));
          break;
        case 'ack':
          state.pending = state.pending.filter((one) => one.client_id !== frame.client_id);
          break;
        case 'error':
          state.refusal = { code: frame.code, detail: frame.detail };
          // What is only busy or away is sent again; the rest was refused for good.
          if (!['unavailable', 'overloaded', 'rate_limited'].includes(frame.code))
            state.pending = state.pending.filter((one) => one.client_id !== frame.ref);
          break;
        case 'state':
          takeState(state, frame);
          break;
        case 'muted':
          if (state.you?.account_id === frame.account_id) state.you.muted = frame.muted;
          state.mutedIds = state.mutedIds.filter((id) => id !== frame.account_id);
          if (frame.muted) state.mutedIds.push(frame.account_id);
          break;
        case 'presence':
          state.presentCount = frame.count;
          frame.left.forEach((id) => delete state.present[id]);
          frame.joined.forEach((person) => (state.present[person.account_id] = person));
          break;
        case 'head':
          state.headSeq = frame.seq;
          break;
        case 'closed':
          state.closed = frame.reason;
          break;
        case 'done':
          break;
        default:
          takeEntry(state, frame);
      }
    },
  },
});

export const { entered, left, statusChanged, queued, voted, reacted, olderTaken, frameTaken } = lecture.actions;

export const selectLecture = (state: State): LectureState => state.lecture;
/** Messages and polls: what the conversation shows. */
export const selectTalk = createSelector(
  (state: State) => state.lecture.entries,
  (entries) => entries.filter((entry): entry is Message | Poll => entry.type === 'message' || entry.type === 'poll'),
);
export const selectPresent = createSelector(
  (state: State) => state.lecture.present,
  (present) => Object.values(present).sort((a, b) => b.role.localeCompare(a.role) || a.name.localeCompare(b.name)),
);
export const selectClosedPolls = createSelector(
  (state: State) => state.lecture.entries,
  (entries) => new Set(entries.flatMap((entry) => (entry.type === 'poll_closed' ? [entry.target] : []))),
);
