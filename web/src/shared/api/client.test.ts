import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { json, paths, server } from '@/testing/server';
import { auth, classroom, data, ifMatch } from './client';
import { StaleEdit, problemOf } from './problem';
import { expectSession, forgetToken, keepToken, whenSessionIsLost, whenSomebodyElseIsSignedIn } from './tokens';

const tokens = (access_token: string) => ({ access_token, token_type: 'Bearer', expires_in: 600 });

describe('the API client', () => {
  beforeEach(() => {
    forgetToken();
    expectSession();
  });
  afterEach(() => vi.unstubAllGlobals());

  it('asks for a token once for many requests', async () => {
    const seen = server({
      '/api/auth/refresh': [() => json(200, tokens('a'))],
      '/api/auth/me': [(request) => json(200, { authorization: request.headers.get('Authorization') })],
    });
    const answers = await Promise.all([1, 2, 3].map(() => data(auth.GET('/me'))));
    expect(answers).toEqual(Array(3).fill({ authorization: 'Bearer a' }));
    expect(paths(seen).filter((path) => path === '/api/auth/refresh')).toHaveLength(1);
  });

  it('renews a token that was refused, once, and says when nobody is signed in any more', async () => {
    const lost = vi.fn();
    whenSessionIsLost(lost);
    keepToken(tokens('old'));
    server({
      '/api/auth/refresh': [
        () => json(200, tokens('new')),
        () => json(401, { code: 'session_ended', detail: 'Over.' }),
      ],
      '/api/auth/me': [
        (request) => (request.headers.get('Authorization') === 'Bearer new' ? json(200, {}) : json(401, {})),
      ],
      '/api/auth/school': [() => json(401, { code: 'token_invalid', detail: 'No.' })],
    });
    await data(auth.GET('/me'));
    expect(lost).not.toHaveBeenCalled();
    await expect(data(auth.GET('/school'))).rejects.toThrow('No.');
    expect(lost).toHaveBeenCalledOnce();
  });

  it('never goes on as somebody else, who signed in in another tab', async () => {
    const of = (claims: object) => tokens(`x.${btoa(JSON.stringify({ school: 's', role: 'student', ...claims }))}.x`);
    const changed = vi.fn();
    whenSomebodyElseIsSignedIn(changed);
    const refused = json(401, { code: 'token_invalid', detail: 'Expired.' });
    for (const other of [{ sub: 'b' }, { sub: 'a', school: 't' }, { sub: 'a', role: 'teacher' }]) {
      keepToken(of({ sub: 'a' }));
      const seen = server({
        '/api/auth/refresh': [() => json(200, of(other))],
        '/api/classroom/topics/1': [() => refused.clone()],
      });
      const call = data(classroom.DELETE('/topics/{topic_id}', { params: { path: { topic_id: '1' } } }));
      expect(await call.catch(problemOf)).toMatchObject({ code: 'somebody_else' });
      expect(paths(seen)).toEqual(['/api/classroom/topics/1', '/api/auth/refresh']);
    }
    expect(changed).toHaveBeenCalledTimes(3);
  });

  it('tells problems by field, stale edits by what stands now, and a missing connection', async () => {
    keepToken(tokens('a'));
    const fields = [{ field: 'body.title', message: 'Give it a title.', code: 'too_short' }];
    server({
      '/api/classroom/classrooms': [
        () => json(422, { code: 'invalid', detail: 'Look.', errors: fields, title: 'Invalid' }),
      ],
      '/api/classroom/topics/1': [
        () => json(412, { code: 'precondition_failed', detail: 'Changed.', current: { title: 'x' } }),
      ],
    });
    const refused = await data(classroom.POST('/classrooms', { body: { title: '' } })).catch(problemOf);
    expect(refused).toMatchObject({ status: 422, fields: { title: 'Give it a title.' } });
    const change = { params: { path: { topic_id: '1' } }, body: {}, headers: ifMatch(3) };
    const stale: unknown = await data(classroom.PATCH('/topics/{topic_id}', change)).catch((error: unknown) => error);
    expect(stale).toBeInstanceOf(StaleEdit);
    expect((stale as StaleEdit).current).toEqual({ title: 'x' });
    const gone = await data(auth.GET('/me')).catch(problemOf);
    expect(gone).toMatchObject({ status: 0, code: 'unreachable' });
  });

  it('asks a busy server again, but repeats no command without a key', async () => {
    keepToken(tokens('a'));
    const busy = () => json(503, { code: 'busy', detail: 'Busy.' }, { 'Retry-After': '0.01' });
    const seen = server({
      '/api/auth/me': [busy, () => json(200, { id: '1' })],
      '/api/auth/accounts': [busy, () => json(201, {})],
    });
    expect(await data(auth.GET('/me'))).toEqual({ id: '1' });
    const body = { email: 'a@b.example', name: 'A', role: 'teacher' as const };
    await expect(data(auth.POST('/accounts', { body }))).rejects.toThrow('Busy.');
    expect(paths(seen)).toEqual(['/api/auth/me', '/api/auth/me', '/api/auth/accounts']);
  });

  it('does not ask again before a server that wants to be left alone for long says so', async () => {
    keepToken(tokens('a'));
    const seen = server({
      '/api/auth/me': [() => json(429, { code: 'rate_limited', detail: 'Slow down.' }, { 'Retry-After': '60' })],
    });
    expect(await data(auth.GET('/me')).catch(problemOf)).toMatchObject({ status: 429, retryAfter: 60 });
    expect(paths(seen)).toEqual(['/api/auth/me']);
  });
});
