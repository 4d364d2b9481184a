import { MantineProvider } from '@mantine/core';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Provider } from 'react-redux';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { selectNote } from '@/features/own/store';
import { load } from '@/features/session/store';
import { keepToken } from '@/shared/api/tokens';
import { json, server, type Answer } from '@/testing/server';
import { OwnNote } from './components/OwnNote';
import { marksIn } from './store';

const note = (rev: number, body: string) => ({
  assignment_id: 'a',
  body,
  rev,
  seq: null,
  updated_at: '2026-11-24T10:00:00Z',
  student_id: 's',
  name: 'Sam',
});
const PUT = '/api/classroom/assignments/a/notes/me';

async function opened(routes: Record<string, Answer[]>, saved = [note(3, 'old')]) {
  const own = {
    classroom_id: 'c',
    assignments: [],
    grades: [],
    groups: [],
    submissions: [],
    notes: saved,
    live: [],
    points: 0,
    badges: [],
  };
  const bootstrap = { role: 'student', person: {}, summary: null, classrooms: [], own: [own], versions: {} };
  const seen = server({ '/api/classroom/bootstrap': [() => json(200, bootstrap)], ...routes });
  const store = makeStore();
  await store.dispatch(load());
  const page = render(
    <Provider store={store}>
      <MantineProvider>
        <OwnNote classroomId="c" assignmentId="a" headSeq={12} />
      </MantineProvider>
    </Provider>,
  );
  const sent = () => Promise.all(seen.filter((one) => one.method === 'PUT').map((one) => one.clone().json()));
  return { store, page, sent };
}

describe('notes on a lecture', () => {
  beforeEach(() => {
    sessionStorage.clear();
    keepToken({ access_token: 't', expires_in: 600 });
    // Passing by itself it only lets go on what waits for no time: a slow machine is no pause in typing.
    vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 1 });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const user = () => userEvent.setup({ advanceTimers: vi.advanceTimersByTime.bind(vi) });
  const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

  it('are saved once after a pause in typing, as the next revision, at the newest message', async () => {
    const { store, sent } = await opened({ [PUT]: [() => json(200, note(4, 'old and new'))] });
    await user().type(screen.getByRole('textbox'), ' and new');
    expect(await sent()).toEqual([]);
    await wait(1500);
    expect(await sent()).toEqual([{ body: 'old and new', rev: 4, seq: 12 }]);
    expect(selectNote('a')(store.getState())).toMatchObject({ rev: 4, body: 'old and new' });
    expect(screen.getByRole('status')).toHaveTextContent('Saved');
    expect(sessionStorage.length).toBe(0);
    await wait(20_000);
    expect(await sent()).toHaveLength(1);
  });

  it('are sent again after a failure, and what was typed is kept meanwhile', async () => {
    const { sent } = await opened({
      [PUT]: [() => json(500, { code: 'x', detail: 'Not now.' }), () => json(200, note(4, 'old!'))],
    });
    await user().type(screen.getByRole('textbox'), '!');
    await wait(1500);
    expect(screen.getByRole('status')).toHaveTextContent('Not now.');
    expect(sessionStorage.length).toBe(1);
    await wait(9000);
    expect(await sent()).toHaveLength(2);
    expect(screen.getByRole('status')).toHaveTextContent('Saved');
  });

  it('that were changed elsewhere are shown beside what is typed; the choice stands above theirs', async () => {
    const { sent } = await opened({
      [PUT]: [() => json(409, { code: 'older_rev', detail: 'x' }), () => json(200, note(8, 'old mine'))],
      '/api/classroom/assignments/a/notes': [
        () => json(200, { items: [note(7, 'theirs')], next_cursor: null, coverage: null }),
      ],
    });
    await user().type(screen.getByRole('textbox'), ' mine');
    await wait(1500);
    expect(screen.getByLabelText('Saved elsewhere')).toHaveValue('theirs');
    await wait(20_000);
    expect(await sent()).toHaveLength(1);
    await user().click(screen.getByRole('button', { name: 'Go on with this one' }));
    await wait(1500);
    expect((await sent()).at(-1)).toMatchObject({ body: 'old mine', rev: 8 });
  });

  it('are saved at once when the page is left', async () => {
    const { page, sent } = await opened({ [PUT]: [() => json(200, note(4, 'old.'))] });
    await user().type(screen.getByRole('textbox'), '.');
    page.unmount();
    await wait(10);
    expect(await sent()).toHaveLength(1);
    expect(sessionStorage.length).toBe(0);
  });

  it('name moments of the chat', async () => {
    await opened({ [PUT]: [() => json(200, note(4, 'x'))] });
    await user().click(screen.getByRole('button', { name: 'Mark this moment' }));
    expect(screen.getByRole('textbox')).toHaveValue('old #12 ');
    expect(marksIn('see #3, #12 and #3; not a#b')).toEqual([3, 12]);
  });
});
