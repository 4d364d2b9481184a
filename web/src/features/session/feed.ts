/** What keeps the store right while a page is open: docs/feed-protocol.md. */
import { auth } from '@/shared/api/client';
import { noteFollowing, noteStopped } from '@/shared/api/connection';
import { resources } from '@/shared/api/resources';
import { LiveSocket } from '@/shared/api/socket';
import type { Dispatch, State } from '@/shared/store';
import { news, type Part } from './parts';
import { signedOut, told } from './store';

export type FeedFrame =
  ({ type: 'fragment' } & Part) | { type: 'gone'; key: string } | { type: 'head'; count: number; now: string };

type Thunk = (dispatch: Dispatch, getState: () => State) => void;

const MOST_VERSIONS = 200;

/** Put a frame into the store; an older part never replaces a newer one. */
export const frameTold =
  (frame: FeedFrame): Thunk =>
  (dispatch, getState) => {
    const held = getState().session;
    if (frame.type === 'fragment') dispatch(told(news([frame], [], held)));
    if (frame.type === 'gone') dispatch(told(news([], [frame.key], held)));
  };

/** What is held, in as many frames as it takes. */
function* haveFrames(versions: Record<string, string>) {
  const all = Object.entries(versions);
  for (let at = 0; at === 0 || at < all.length; at += MOST_VERSIONS) {
    const some = Object.fromEntries(all.slice(at, at + MOST_VERSIONS));
    yield { type: 'have', versions: some, more: at + MOST_VERSIONS < all.length };
  }
}

/** What a notification tells of is shown where somebody waits for it; many at once are asked after once. */
const NOTICED_AFTER_MS = 1000;
let noticing: ReturnType<typeof setTimeout> | undefined;

function askWhatIsNew(dispatch: Dispatch): void {
  noticing ??= setTimeout(() => {
    noticing = undefined;
    dispatch(resources.util.invalidateTags(['notifications', 'lectures']));
  }, NOTICED_AFTER_MS);
}

let socket: LiveSocket<FeedFrame> | null = null;

/** Follow what changes; after each break only what differs comes again. */
export const follow = (): Thunk => (dispatch, getState) => {
  socket?.close();
  const held = () => getState().session.versions;
  const opened = new LiveSocket<FeedFrame>(() => '/api/classroom/feed', {
    onStatus: (status, end) => {
      noteFollowing(status === 'live');
      if (status === 'live') tellHeld();
      if (end === 'signed-out') dispatch(signedOut({ lost: true }));
      else if (end) noteStopped();
    },
    ask: async () => void (await auth.GET('/me')),
    onFrame: (frame) => {
      if (socket !== opened) return;
      dispatch(frameTold(frame));
      if (frame.type === 'fragment' && frame.key === 'person') askWhatIsNew(dispatch);
      if (frame.type === 'head' && frame.count !== Object.keys(held()).length) tellHeld();
    },
  });
  const tellHeld = () => [...haveFrames(held())].forEach((frame) => opened.send(frame));
  socket = opened;
  opened.open();
};

export const unfollow = (): void => {
  socket?.close();
  socket = null;
  clearTimeout(noticing);
  noticing = undefined;
  noteFollowing(true);
};
