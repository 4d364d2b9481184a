/**
 * A live connection as docs/realtime.md describes it: opened with the token, renewed in-band, opened again after a loss.
 *
 *     const room = new LiveSocket(() => `/api/lecture-chat/lectures/${id}/socket?since=${last}`, { onFrame, onStatus, ask });
 *     room.open(); room.send({ type: 'hand', up: true }); room.close();
 */
import { problemOf, type Problem } from './problem';
import { claimsOf, currentToken, renewToken } from './tokens';

export interface Frame {
  type: string;
}

/**
 * `waiting`: lost, it opens again by itself. `kept-out`: so it does, but nobody is let in just now. `over`: it does not,
 * see `End`.
 */
export type Status = 'connecting' | 'live' | 'waiting' | 'kept-out' | 'over';
export type End = 'ended' | 'removed' | 'signed-out' | 'closed' | 'refused' | 'fault';

interface Listeners<F extends Frame> {
  onFrame: (frame: F) => void;
  /** `why`: with the end `refused`, in the service's words. */
  onStatus?: (status: Status, end?: End, why?: string) => void;
  /** Ask over HTTP for what the socket shows: what refuses the socket refuses this as well. Tells whether it is over. */
  ask: () => Promise<End | undefined>;
}

const PROTOCOL = 'homeroom.v1';
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const RENEW_BEFORE_MS = 30_000;
const ENDS: Record<number, End> = { 1000: 'closed', 4004: 'signed-out', 4010: 'ended' };
// What the client said was wrong: saying it again would not help.
const FAULTS = new Set([1002, 1003, 1007, 1009, 4000, 4001]);
const REMOVED = 4005;
const FINAL = new Set([400, 403, 404, 409, 410, 422]);
const KEPT_OUT_AFTER = 3;

/** When the token ends, in milliseconds since 1970. */
function endOf(token: string): number {
  return (claimsOf(token)?.exp ?? 0) * 1000;
}

export class LiveSocket<F extends Frame> {
  private socket: WebSocket | null = null;
  private pause = FIRST_PAUSE_MS;
  private moveAfter: number | null = null;
  private stale = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private renewal: ReturnType<typeof setTimeout> | undefined;
  private wanted = false;
  /** Between the beginning of an attempt to connect and its loss: nothing else connects. */
  private underway = false;
  private shutOut = 0;
  private removed = false;

  constructor(
    private readonly address: () => string,
    private readonly listeners: Listeners<F>,
  ) {}

  open(): void {
    if (this.wanted) return;
    this.wanted = true;
    window.addEventListener('online', this.again);
    void this.connect();
  }

  close(): void {
    this.wanted = false;
    this.underway = false;
    window.removeEventListener('online', this.again);
    clearTimeout(this.timer);
    clearTimeout(this.renewal);
    this.socket?.close(1000);
    this.socket = null;
  }

  /** False when it could not be sent: the connection is not there. */
  send(frame: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Lose this connection on purpose and open another: for a client that noticed a gap. */
  reopen(): void {
    this.socket?.close(4100, 'a gap');
  }

  private readonly again = (): void => {
    if (!this.wanted || this.underway) return;
    clearTimeout(this.timer);
    this.pause = FIRST_PAUSE_MS;
    void this.connect();
  };

  private async connect(): Promise<void> {
    this.underway = true;
    if (this.shutOut < KEPT_OUT_AFTER) this.listeners.onStatus?.('connecting');
    let token: string | null;
    try {
      token = this.stale ? await renewToken() : await currentToken();
    } catch {
      this.later();
      return;
    }
    if (!this.wanted) return;
    if (!token) return this.end('signed-out');
    this.stale = false;
    const url = new URL(this.address(), window.location.href.replace(/^http/, 'ws'));
    const socket = new WebSocket(url, [PROTOCOL, `bearer.${token}`]);
    this.socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.shutOut = 0;
      this.removed = false;
      this.listeners.onStatus?.('live');
      this.renewBefore(endOf(token));
    };
    socket.onmessage = (event: MessageEvent<string>) => this.take(JSON.parse(event.data) as F);
    socket.onclose = (event) => socket === this.socket && this.lost(event.code, opened);
  }

  private take(frame: F): void {
    this.pause = FIRST_PAUSE_MS;
    if (frame.type === 'moving') this.moveAfter = (frame as unknown as { after_ms: number }).after_ms;
    else if (frame.type === 'refreshed')
      this.renewBefore((frame as unknown as { expires_at: number }).expires_at * 1000);
    else this.listeners.onFrame(frame);
  }

  private renewBefore(end: number): void {
    clearTimeout(this.renewal);
    this.renewal = setTimeout(
      () => {
        void renewToken()
          .then((token) => token && this.send({ type: 'refresh', token }))
          .catch(() => undefined);
      },
      Math.max(0, end - Date.now() - RENEW_BEFORE_MS),
    );
  }

  private lost(code: number, opened: boolean): void {
    this.socket = null;
    clearTimeout(this.renewal);
    const end = ENDS[code];
    if (end) return this.end(end);
    if (FAULTS.has(code)) return this.end('fault');
    this.stale = code === 4003;
    // Whoever teaches no more may attend: then they come back as that.
    this.removed ||= code === REMOVED;
    if (opened && !this.removed) this.later();
    else void this.inquire();
  }

  /** A browser hides why it was not let in: the server is down, the connection cut, or this person refused. */
  private async inquire(): Promise<void> {
    this.tellLost();
    try {
      const end = await this.listeners.ask();
      this.shutOut += 1;
      if (!this.wanted) return;
      if (end) this.end(end);
      else this.later();
    } catch (error) {
      const problem = problemOf(error);
      if (!this.wanted) return;
      if (problem.status === 401) this.end('signed-out');
      else if (FINAL.has(problem.status)) this.end(...this.refusal(problem));
      else this.later((problem.retryAfter ?? 0) * 1000);
    }
  }

  private tellLost(): void {
    this.listeners.onStatus?.(this.shutOut < KEPT_OUT_AFTER ? 'waiting' : 'kept-out');
  }

  private refusal({ detail }: Problem): [End, string?] {
    return this.removed ? ['removed'] : ['refused', detail];
  }

  private later(atLeast = 0): void {
    if (!this.wanted) return;
    this.underway = false;
    this.tellLost();
    const wait = this.moveAfter ?? Math.max(atLeast, Math.random() * this.pause);
    this.moveAfter = null;
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
    this.timer = setTimeout(() => void this.connect(), wait);
  }

  private end(end: End, why?: string): void {
    this.close();
    this.listeners.onStatus?.('over', end, why);
  }
}
