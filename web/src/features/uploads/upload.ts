/** One file on its way from this browser to the object store, as docs/uploads.md tells it. */
import i18next from 'i18next';
import { data, files, onceOnly } from '@/shared/api/client';
import { ApiError, problemOf } from '@/shared/api/problem';
import type { FileSchemas } from '@/shared/api/schemas';
import { hashOf } from './hash';
import { transmit } from './transmit';

export type StoredFile = FileSchemas['File'];
type Upload = FileSchemas['Upload'];
type Form = NonNullable<Upload['form']>;

export interface Step {
  phase: 'hashing' | 'sending' | 'checking';
  /** 0 to 1 of the phase. */
  part: number;
}

export interface Watch {
  onStep: (step: Step) => void;
  signal: AbortSignal;
}

const PARTS_AT_ONCE = 3;
const PAUSES_S = [1, 3, 8, 20];
const BETWEEN_CHECKS_S = 0.5;
/** What goes by: no connection, an address that has run out, a store that is away, bytes that did not arrive. */
const PASSING = new Set([0, 400, 403, 429, 502, 503, 504]);
const MISSING = new Set(['bytes_missing', 'parts_missing']);

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const path = (upload_id: string) => ({ params: { path: { upload_id } } });

/** Send a file; answers once it is checked and may be attached. Sent again after a break, it goes on where it was. */
export async function upload(file: File, watch: Watch): Promise<StoredFile> {
  const sha256 = await hashOf(file, (part) => watch.onStep({ phase: 'hashing', part }), watch.signal);
  const place = `homeroom.upload.${sha256}.${file.name}`;
  const begun = (await unfinished(place)) ?? (await begin(file, sha256));
  localStorage.setItem(place, begun.file.file_id);
  const stored = await deliver(begun, file, watch);
  localStorage.removeItem(place);
  if (stored.status === 'rejected') throw rejected(stored.reason);
  return stored;
}

function begin(file: File, sha256: string): Promise<Upload> {
  const content_type = file.type || 'application/octet-stream';
  const body = { name: file.name, size: file.size, content_type, sha256 };
  return data(files.POST('/uploads', { body, params: { header: onceOnly() } }));
}

/** The same file's upload that this browser began and did not finish. */
async function unfinished(place: string): Promise<Upload | null> {
  const id = localStorage.getItem(place);
  if (!id) return null;
  const found = await data(files.GET('/uploads/{upload_id}', path(id))).catch((error: unknown) => {
    if (problemOf(error).status === 404) return null;
    throw error;
  });
  return found && ['uploading', 'checking'].includes(found.file.status) ? found : null;
}

async function deliver(begun: Upload, file: File, watch: Watch): Promise<StoredFile> {
  const id = begun.file.file_id;
  for (let tries = 0; ; tries += 1) {
    try {
      const now = tries === 0 ? begun : await data(files.GET('/uploads/{upload_id}', path(id)));
      if (now.file.status === 'uploading') await sendBytes(now, file, watch);
      return await checked(id, watch);
    } catch (error) {
      const { status, code, retryAfter } = problemOf(error);
      const passes = error instanceof ApiError && (PASSING.has(status) || MISSING.has(code));
      if (watch.signal.aborted || !passes || tries >= PAUSES_S.length) throw error;
      await pause(retryAfter ?? PAUSES_S[tries]!);
    }
  }
}

function sendBytes({ form, file: { file_id } }: Upload, file: File, watch: Watch): Promise<void> {
  const onBytes = (sent: number) => watch.onStep({ phase: 'sending', part: Math.min(1, sent / file.size) });
  onBytes(0);
  const inner = { onBytes, signal: watch.signal };
  return form ? sendForm(form, file, inner) : sendParts(file_id, file, inner);
}

interface Sending {
  onBytes: (sent: number) => void;
  signal: AbortSignal;
}

function sendForm(form: Form, file: File, sending: Sending): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append('file', file);
  return transmit('POST', form.url, body, sending);
}

/** Only what is not stored yet; all that is under way has ended before this does. */
async function sendParts(id: string, file: File, { onBytes, signal }: Sending): Promise<void> {
  const { items } = await data(files.POST('/uploads/{upload_id}/parts', path(id)));
  const sent = new Map(items.map((part) => [part.number, part.stored ? part.size : 0]));
  const waiting = items.filter((part) => !part.stored);
  const note = (number: number, bytes: number) => {
    sent.set(number, bytes);
    onBytes([...sent.values()].reduce((sum, one) => sum + one, 0));
  };
  const work = async () => {
    for (let part = waiting.shift(); part; part = waiting.shift()) {
      const { number, offset, size, url } = part;
      const bytes = file.slice(offset, offset + size);
      await transmit('PUT', url, bytes, { signal, onBytes: (count) => note(number, count) });
      note(number, size);
    }
  };
  const stopOthers = (error: unknown) => {
    waiting.length = 0;
    throw error;
  };
  const ended = await Promise.allSettled(Array.from({ length: PARTS_AT_ONCE }, () => work().catch(stopOthers)));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function checked(id: string, { onStep, signal }: Watch): Promise<StoredFile> {
  for (;;) {
    signal.throwIfAborted();
    onStep({ phase: 'checking', part: 1 });
    const file = await data(files.POST('/uploads/{upload_id}/complete', path(id)));
    if (file.status !== 'checking') return file;
    await pause(BETWEEN_CHECKS_S);
  }
}

function rejected(reason: string | null): ApiError {
  const title = i18next.t('uploads:rejected');
  const detail = i18next.t([`uploads:reason.${reason}`, 'uploads:reason.other']);
  return new ApiError({ status: 200, code: reason ?? 'rejected', title, detail, fields: {}, requestId: '', extra: {} });
}
