import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepToken } from '@/shared/api/tokens';
import { json, paths, server, type Answer } from '@/testing/server';
import { upload, type Step } from './upload';

const bytes = 'abc';
const SHA = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const file = (status: string, reason: string | null = null) => ({ file_id: 'f', name: 'a.txt', status, reason });
const form = { url: '/blobs/homeroom-files', fields: { key: 'k', policy: 'p' } };

/** What the object store answers, one after another; 0: the connection breaks. */
let store: number[] = [];
let sent: { method: string; url: string; body: FormData | Blob }[] = [];

class FakeRequest {
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onload = () => undefined;
  onerror = () => undefined;
  onloadend = () => undefined;
  status = 0;
  responseText = '{}';
  private target = { method: '', url: '' };
  open(method: string, url: string) {
    this.target = { method, url };
  }
  getResponseHeader = () => '0.001';
  abort = () => undefined;
  send(body: FormData | Blob) {
    sent.push({ ...this.target, body });
    this.status = store.shift() ?? 204;
    this.upload.onprogress?.({ loaded: 1 });
    queueMicrotask(() => {
      if (this.status === 0) this.onerror();
      else this.onload();
      this.onloadend();
    });
  }
}

const picked = () => new File([bytes], 'a.txt', { type: 'text/plain' });
const go = (steps: Step[] = []) =>
  upload(picked(), { onStep: (step) => steps.push(step), signal: new AbortController().signal });
const routes = (more: Record<string, Answer[]>) =>
  server({
    '/api/files/uploads': [() => json(201, { file: file('uploading'), form })],
    '/api/files/uploads/f': [() => json(200, { file: file('uploading'), form })],
    '/api/files/uploads/f/complete': [() => json(200, file('ready'))],
    ...more,
  });

beforeEach(() => {
  store = [];
  sent = [];
  localStorage.clear();
  keepToken({ access_token: 't', expires_in: 3600 });
  vi.stubGlobal('XMLHttpRequest', FakeRequest);
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 200 });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('an upload', () => {
  it('announces the hash, posts the form with the file last, and completes', async () => {
    const seen = routes({});
    const steps: Step[] = [];
    await expect(go(steps)).resolves.toMatchObject({ status: 'ready' });
    await expect(seen[0]!.json()).resolves.toEqual({
      name: 'a.txt',
      size: 3,
      content_type: 'text/plain',
      sha256: SHA,
    });
    expect([...(sent[0]!.body as FormData).keys()]).toEqual(['key', 'policy', 'file']);
    expect(steps.map(({ phase }) => phase)).toEqual(['hashing', 'sending', 'sending', 'checking']);
    expect(Object.keys(localStorage).filter((key) => key.startsWith('homeroom.upload'))).toEqual([]);
  });
  it('takes a fresh form after the old one has run out', async () => {
    store = [403, 204];
    const seen = routes({});
    await go();
    expect(paths(seen)).toEqual(['/api/files/uploads', '/api/files/uploads/f', '/api/files/uploads/f/complete']);
    expect(sent).toHaveLength(2);
  });
  it('waits while the file is checked, and says why it was rejected', async () => {
    routes({
      '/api/files/uploads/f/complete': [() => json(200, file('checking')), () => json(200, file('rejected', 'macros'))],
    });
    await expect(go()).rejects.toMatchObject({
      problem: { code: 'macros', detail: 'The document contains a program. Save it without macros.' },
    });
  });
  it('does not insist when the service refuses', async () => {
    const seen = routes({ '/api/files/uploads': [() => json(409, { code: 'quota_used_up', detail: 'Full.' })] });
    await expect(go()).rejects.toMatchObject({ problem: { code: 'quota_used_up' } });
    expect(seen).toHaveLength(1);
  });
  it('sends only the parts that are not stored, also after a break', async () => {
    const parts = (stored: boolean[]) =>
      json(200, {
        items: stored.map((one, index) => ({
          number: index + 1,
          offset: index,
          size: 1,
          url: `/blobs/${index + 1}`,
          stored: one,
        })),
      });
    store = [204, 0, 204];
    routes({
      '/api/files/uploads': [() => json(201, { file: file('uploading'), form: null })],
      '/api/files/uploads/f': [() => json(200, { file: file('uploading'), form: null })],
      '/api/files/uploads/f/parts': [() => parts([true, false, false]), () => parts([true, true, false])],
    });
    await expect(go()).resolves.toMatchObject({ status: 'ready' });
    expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual(['PUT /blobs/2', 'PUT /blobs/3', 'PUT /blobs/3']);
  });
  it('goes on with what this browser began before a reload', async () => {
    localStorage.setItem(`homeroom.upload.${SHA}.a.txt`, 'f');
    const seen = routes({});
    await go();
    expect(paths(seen)).toEqual(['/api/files/uploads/f', '/api/files/uploads/f/complete']);
  });
  it('begins anew when that is gone', async () => {
    localStorage.setItem(`homeroom.upload.${SHA}.a.txt`, 'old');
    const seen = routes({ '/api/files/uploads/old': [() => json(404, { code: 'not_found', detail: '' })] });
    await go();
    expect(paths(seen)[1]).toBe('/api/files/uploads');
  });
});
