/**
 * The typed clients of the five services.
 *
 *     const account = await data(auth.GET('/accounts/{account_id}', { params: { path: { account_id } } }));
 *
 * A call that is refused throws `ApiError` (412: `StaleEdit`), so what comes back is always the answer.
 */
import createClient from 'openapi-fetch';
import { noteReachable } from './connection';
import type { paths as AuthPaths } from './generated/auth';
import type { paths as ClassroomPaths } from './generated/classroom';
import type { paths as FilesPaths } from './generated/files';
import type { paths as GradingPaths } from './generated/grading';
import type { paths as LectureChatPaths } from './generated/lecture-chat';
import { refusal, unreachable } from './problem';
import { currentToken, renewToken } from './tokens';

// The same list as in gateway/nginx/snippets/routes_auth.conf: what needs no token.
const PUBLIC =
  /^\/api\/auth\/(?:schools|login|refresh|logout|token|second-factor(?:\/confirm)?|password-resets(?:\/[^/]+)?|invitations\/[^/]+\/accept|schools\/[^/]+\/sign-in)$/;
const BUSY = new Set([429, 502, 503, 504]);
const TRIES = 3;
const LONGEST_PAUSE_S = 5;

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function once(request: Request, token: string | null): Promise<Response> {
  const attempt = request.clone();
  if (token) attempt.headers.set('Authorization', `Bearer ${token}`);
  try {
    const response = await fetch(attempt);
    noteReachable(true);
    return response;
  } catch (error) {
    if (request.signal.aborted) throw error;
    noteReachable(false);
    throw unreachable();
  }
}

/** A busy server is asked again where that is harmless, and not before it said. */
async function patiently(request: Request, token: string | null): Promise<Response> {
  const harmless = request.method === 'GET' || request.headers.has('Idempotency-Key');
  let response = await once(request, token);
  for (let tries = 1; harmless && BUSY.has(response.status) && tries < TRIES; tries += 1) {
    const seconds = Number(response.headers.get('Retry-After')) || tries;
    if (seconds > LONGEST_PAUSE_S) break;
    await pause(seconds);
    response = await once(request, token);
  }
  return response;
}

/** `fetch` with the access token; a token that was refused is renewed once. */
export async function send(request: Request): Promise<Response> {
  const isPublic = PUBLIC.test(new URL(request.url).pathname);
  let response = await patiently(request, isPublic ? null : await currentToken());
  if (response.status === 401 && !isPublic) {
    const fresh = await renewToken();
    if (fresh) response = await patiently(request, fresh);
  }
  if (!response.ok && response.status !== 304) throw await refusal(response);
  return response;
}

const options = (service: string) => ({
  baseUrl: new URL(`/api/${service}`, window.location.origin).href,
  fetch: send,
});

export const auth = createClient<AuthPaths>(options('auth'));
export const classroom = createClient<ClassroomPaths>(options('classroom'));
export const grading = createClient<GradingPaths>(options('grading'));
export const lectureChat = createClient<LectureChatPaths>(options('lecture-chat'));
export const files = createClient<FilesPaths>(options('files'));

/** The body of an answer. */
export async function data<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

/** A header for a command that must happen once, however often it is sent. */
export const onceOnly = () => ({ 'Idempotency-Key': crypto.randomUUID() });

/** Headers for an edit that must not overwrite what the person has not seen. */
export const ifMatch = (edition: number) => ({ 'If-Match': `"${edition}"` });

/** Fetch a file of the API with the token and hand it to the browser to keep. */
export async function download(path: string, name: string): Promise<void> {
  const response = await send(new Request(new URL(path, window.location.origin)));
  const address = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}
