import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { json, paths, server } from '@/testing/server';
import { FakeSocket } from '@/testing/socket';
import { data, lectureChat } from './client';
import { LiveSocket, type End } from './socket';
import { forgetToken, keepToken } from './tokens';

const ROOM = '/api/lecture-chat/lectures/1';
const token = `x.${btoa(JSON.stringify({ exp: 4e9 }))}.x`;
const problem = (status: number, code: string, detail: string) => () => json(status, { code, detail });

const asked = async (): Promise<End | undefined> => {
  const call = lectureChat.GET('/lectures/{lecture_id}', { params: { path: { lecture_id: '1' } } });
  return (await data(call)).closed_at ? 'ended' : undefined;
};

describe('a live connection', () => {
  const told: [string, string?, string?][] = [];
  let room: LiveSocket<{ type: string }>;

  beforeEach(async () => {
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', FakeSocket);
    keepToken({ access_token: token, expires_in: 600 });
    FakeSocket.made = [];
    told.length = 0;
    room = new LiveSocket(() => `${ROOM}/socket`, {
      onFrame: () => undefined,
      onStatus: (...standing) => told.push(standing),
      ask: asked,
    });
    room.open();
    await vi.advanceTimersByTimeAsync(0);
  });
  afterEach(() => {
    room.close();
    forgetToken();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const last = () => FakeSocket.made.at(-1)!;
  /** The connection is cut, and the next handshake fails as a browser tells of it. */
  async function comeBackInVain() {
    last().onopen?.();
    last().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.made).toHaveLength(2);
    last().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(0);
  }
  const aDay = () => vi.advanceTimersByTimeAsync(24 * 3_600_000);

  it.each([
    [404, 'not_found', 'There is no such lecture.'],
    [409, 'closed', 'The lecture is closed.'],
    [403, 'forbidden', 'Your role may not do this.'],
  ])('whose return is refused with %i is told why, and ends', async (status, code, detail) => {
    server({ [ROOM]: [problem(status, code, detail)] });
    await comeBackInVain();
    expect(told.at(-1)).toEqual(['over', 'refused', detail]);
    await aDay();
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('ends when nobody is signed in any more', async () => {
    server({ [ROOM]: [problem(401, 'unauthenticated', 'No.')], '/api/auth/refresh': [problem(401, 'over', 'No.')] });
    await comeBackInVain();
    expect(told.at(-1)).toEqual(['over', 'signed-out', undefined]);
    await aDay();
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('ends when it was over meanwhile', async () => {
    server({ [ROOM]: [() => json(200, { closed_at: '2026-01-01T00:00:00Z' })] });
    await comeBackInVain();
    expect(told.at(-1)).toEqual(['over', 'ended', undefined]);
  });

  it('waits as long as a server that cannot now asks for', async () => {
    const busy = () => json(503, { code: 'busy', detail: 'Busy.' }, { 'Retry-After': '5' });
    const seen = server({ [ROOM]: [busy] });
    await comeBackInVain();
    // Asked three times, five seconds apart.
    await vi.advanceTimersByTimeAsync(10_000);
    expect(paths(seen)).toHaveLength(3);
    expect(told.at(-1)![0]).toBe('waiting');
    await vi.advanceTimersByTimeAsync(4999);
    expect(FakeSocket.made).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.made).toHaveLength(3);
    last().onopen?.();
    expect(told.at(-1)).toEqual(['live']);
  });

  it('says so where nobody is let in, and keeps trying', async () => {
    server({ [ROOM]: [() => json(200, { closed_at: null })] });
    await comeBackInVain();
    for (const made of [3, 4]) {
      expect(told.at(-1)![0]).toBe('waiting');
      await vi.advanceTimersByTimeAsync(5000);
      expect(FakeSocket.made).toHaveLength(made);
      last().onclose?.({ code: 1006 });
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(told.at(-1)![0]).toBe('kept-out');
    await vi.advanceTimersByTimeAsync(5000);
    expect(FakeSocket.made).toHaveLength(5);
    last().onopen?.();
    expect(told.at(-1)).toEqual(['live']);
  });

  it('connects once, though the browser is online again while it is asked why', async () => {
    server({ [ROOM]: [() => json(200, { closed_at: null })] });
    last().onclose?.({ code: 1006 });
    window.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('tells whoever was removed so', async () => {
    server({ [ROOM]: [problem(404, 'not_found', 'There is no such lecture.')] });
    last().onopen?.();
    last().onclose?.({ code: 4005 });
    await vi.advanceTimersByTimeAsync(0);
    expect(told.at(-1)).toEqual(['over', 'removed', undefined]);
    await aDay();
    expect(FakeSocket.made).toHaveLength(1);
  });

  it('brings back whoever was removed in one role and is there in another', async () => {
    server({ [ROOM]: [() => json(200, { closed_at: null })] });
    last().onopen?.();
    last().onclose?.({ code: 4005 });
    await vi.advanceTimersByTimeAsync(1000);
    last().onopen?.();
    expect(told.at(-1)).toEqual(['live']);
  });

  // The table of docs/realtime.md.
  it.each([
    [1000, 'closed'],
    [1002, 'fault'],
    [1003, 'fault'],
    [1007, 'fault'],
    [1009, 'fault'],
    [4000, 'fault'],
    [4001, 'fault'],
    [4004, 'signed-out'],
    [4010, 'ended'],
  ])('ends after %i: %s', async (code, end) => {
    last().onopen?.();
    last().onclose?.({ code });
    expect(told.at(-1)).toEqual(['over', end, undefined]);
    await aDay();
    expect(FakeSocket.made).toHaveLength(1);
  });

  it.each([1006, 1011, 1012, 1013, 4002, 4006, 4008])('comes back after %i', async (code) => {
    last().onopen?.();
    last().onclose?.({ code });
    expect(told.at(-1)![0]).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('takes a new token before it comes back after 4003', async () => {
    const seen = server({ '/api/auth/refresh': [() => json(200, { access_token: token, expires_in: 600 })] });
    last().onopen?.();
    last().onclose?.({ code: 4003 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(paths(seen)).toEqual(['/api/auth/refresh']);
    expect(FakeSocket.made).toHaveLength(2);
  });
});
