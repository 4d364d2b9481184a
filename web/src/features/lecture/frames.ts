/** What travels on a lecture's socket: docs/lecture-chat-protocol.md. */
export interface Author {
  account_id: string;
  name: string;
  role: 'teacher' | 'student';
}

interface Numbered {
  seq: number;
  author: Author;
  at: string;
}

interface FileLink {
  file_id: string;
  name: string;
}

export type Message = Numbered & {
  type: 'message';
  body: string;
  mentions: string[];
  files: FileLink[];
  deleted: boolean;
};
export type Poll = Numbered & { type: 'poll'; question: string; options: string[] };

export type Entry =
  | Message
  | Poll
  | (Numbered & { type: 'deleted'; target: number })
  | (Numbered & { type: 'pinned'; target: number | null })
  | (Numbered & { type: 'mode_set'; announcements_only: boolean })
  | (Numbered & { type: 'poll_closed'; target: number; counts: number[] });

export interface RaisedHand {
  account_id: string;
  name: string;
  raised_at: string;
}

export interface Room {
  lecture_id: string;
  classroom_id: string;
  assignment_id: string;
  title: string;
  opened_at: string;
}

export interface You {
  account_id: string;
  name: string;
  role: 'teacher' | 'student';
  muted: boolean;
  read_seq: number;
  votes: Record<string, number>;
  reactions: [number, string][];
}

export type ServerFrame =
  | Entry
  | { type: 'hello'; lecture: Room; you: You; first_seq: number; head_seq: number }
  | { type: 'messages'; messages: Entry[] }
  | { type: 'resync_required'; head_seq: number }
  | { type: 'ack'; client_id: string; seq: number }
  | { type: 'done'; ref: string }
  | { type: 'error'; code: string; detail: string; ref: string | null; retry_after_ms: number | null }
  | {
      type: 'state';
      rev: number;
      announcements_only: boolean;
      pinned_seq: number | null;
      hands: RaisedHand[];
      hands_count: number;
      polls: { seq: number; counts: number[] }[];
      reactions: { seq: number; emoji: string; count: number }[];
    }
  | { type: 'muted'; account_id: string; muted: boolean }
  | { type: 'presence'; count: number; joined: Author[]; left: string[] }
  | { type: 'head'; seq: number }
  | { type: 'closed'; reason: string };

/** What waits for its `ack` and is sent again after each connect. */
export type Pending = { client_id: string } & (
  | { type: 'send'; body: string }
  | { type: 'delete'; seq: number }
  | { type: 'pin'; seq: number | null }
  | { type: 'mode'; announcements_only: boolean }
  | { type: 'poll_open'; question: string; options: string[] }
  | { type: 'poll_close'; seq: number }
);
