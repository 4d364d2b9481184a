import { vi } from 'vitest';

export type Answer = (request: Request) => Response;

export const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });

/** A server of `path → answers`, the last of which stays; every request is recorded, an unknown path cannot be reached. */
export function server(routes: Record<string, Answer[]>): Request[] {
  const seen: Request[] = [];
  vi.stubGlobal('fetch', (input: Request | string, init?: RequestInit) => {
    const request = input instanceof Request ? input : new Request(new URL(input, location.origin), init);
    seen.push(request);
    const answers = routes[new URL(request.url).pathname];
    if (!answers) return Promise.reject(new TypeError('Failed to fetch'));
    return Promise.resolve((answers.length > 1 ? answers.shift()! : answers[0]!)(request));
  });
  return seen;
}

export const paths = (requests: Request[]) => requests.map((request) => new URL(request.url).pathname);
